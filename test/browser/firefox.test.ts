import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { activeNow } from "../support/active-now.ts";
import { closeFirefoxes, type Firefox, hasFirefox, launchFirefox, type Tab } from "../support/firefox.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { type LocalServer, serveFolder } from "../support/static-server.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** Notes each time that the page is shown, whether it was restored, and how many of its sockets are open. */
const watch = `
  window.shown = [];
  addEventListener("pageshow", ({ persisted }) => shown.push(persisted));
  window.sockets = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("open", () => sockets++);
      this.addEventListener("close", () => sockets--);
    }
  };`;

let folder: string;
let site: LocalServer;
let server: TestServer;
let firefox: Firefox;

describe.skipIf(!hasFirefox)("in Firefox", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headcount-firefox-page-"));
    await build({
      absWorkingDir: rootDir,
      entryPoints: { page: "test/support/socket-page.ts" },
      bundle: true,
      outdir: folder,
    });
    await writeFile(
      join(folder, "index.html"),
      `<!doctype html><body><script>${watch}</script><script src="page.js"></script>`,
    );
    await writeFile(join(folder, "other.html"), "<!doctype html><title>Another page</title>");
    site = await serveFolder(folder);
    server = await startServer();
    firefox = await launchFirefox();
  });
  afterAll(async () => {
    await closeFirefoxes();
    await site?.close();
    await server?.stop();
    await cleanUp();
    await rm(folder, { recursive: true, force: true });
  });

  async function openPage(browser: Firefox): Promise<Tab> {
    await stayWithinSlot();
    const tab = await browser.openTab();
    await tab.go(`${site.url}/index.html`);
    return tab;
  }

  /** Waits until it is so: what a browser does takes as long as it takes. */
  async function until(tab: Tab, expression: string): Promise<void> {
    while (!(await tab.evaluate(expression))) await sleep(20);
  }

  const start = (user: string) =>
    `start(${JSON.stringify(server.url)}, ${JSON.stringify(server.keys.public)}, ${JSON.stringify(user)})`;
  const startWithoutSocket = (user: string) => start(user).replace(/^start/, "startWithoutSocket");

  test("a visitor is counted, and a reload adds nobody", async () => {
    const before = await activeNow(server);
    const tab = await openPage(firefox);
    await tab.evaluate(startWithoutSocket("u-1"));
    await vi.waitFor(async () => expect(await activeNow(server)).toBe(before + 1), 10_000);
    await tab.go(`${site.url}/index.html?again`);
    await tab.evaluate(startWithoutSocket("u-1"));
    expect(await activeNow(server)).toBe(before + 1);
    expect(await tab.evaluate("problems")).toEqual([]);
    await tab.close();
  });

  test("a page that is left is restored from the back-forward cache, and goes on", async () => {
    const before = await activeNow(server);
    const tab = await openPage(firefox);
    await tab.evaluate(startWithoutSocket("u-5"));
    // A page that is left while a request is on its way may not be kept.
    await vi.waitFor(async () => expect(await activeNow(server)).toBe(before + 1), 10_000);
    await tab.go(`${site.url}/other.html`);
    await tab.back();
    await until(tab, "window.shown?.includes(true)");
    expect(await tab.evaluate("shown")).toEqual([false, true]);
    expect(await tab.evaluate("problems")).toEqual([]);
    await tab.close();
  });

  test("a page that was hidden for a while has let go of its socket, so it is restored too, and opens another", async () => {
    const tab = await openPage(firefox);
    await tab.evaluate(start("u-2"));
    await until(tab, "sockets === 1");
    await tab.evaluate("hide(true)");
    await until(tab, "sockets === 0");
    await tab.go(`${site.url}/other.html`);
    await tab.back();
    await until(tab, "window.shown?.includes(true)");
    expect(await tab.evaluate("shown")).toEqual([false, true]);
    await tab.evaluate("hide(false)");
    await until(tab, "sockets === 1");
    expect(await tab.evaluate("problems")).toEqual([]);
    await tab.close();
  });

  test("of two tabs one holds the socket, and the other takes over when it is closed", async () => {
    const [first, second] = [await openPage(firefox), await openPage(firefox)];
    await first.evaluate(start("u-3"));
    await until(first, "sockets === 1");
    await second.evaluate(start("u-3"));
    await sleep(300);
    expect(await second.evaluate("sockets")).toBe(0);
    await first.close();
    await until(second, "sockets === 1");
    await second.close();
  });

  test("where cookies are blocked, which takes storage and locks away, each tab is counted and holds a socket", async () => {
    const strict = await launchFirefox({ "network.cookie.cookieBehavior": 2 });
    const before = await activeNow(server);
    const tab = await openPage(strict);
    const lock = "navigator.locks.request('x', () => 'held').catch(({ name }) => name)";
    expect(await tab.evaluate(lock)).toBe("SecurityError");
    await tab.evaluate(start("u-4"));
    await vi.waitFor(async () => expect(await activeNow(server)).toBe(before + 1), 10_000);
    await until(tab, "sockets === 1");
    expect(await tab.evaluate("problems")).toEqual([]);
    await strict.close();
  });
});
