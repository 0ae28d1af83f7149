import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { EngagementAnswer } from "../../sdk/answers.ts";
import type { AppsAnswer } from "../../worker/query/app-list.ts";
import { activeNow } from "../support/active-now.ts";
import { ask, written } from "../support/dashboard.ts";
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

  /** Returns whether the page was restored, with all that it had been. */
  async function leaveAndComeBack(tab: Tab): Promise<boolean> {
    await tab.evaluate("window.wasLeft = true");
    await tab.go(`${site.url}/other.html`);
    await tab.back();
    await until(tab, "window.wasLeft ? shown.includes(true) : window.shown?.length > 0");
    return (await tab.evaluate("window.wasLeft === true")) as boolean;
  }

  const titled = (name: string, selector = "button") =>
    `[...document.querySelectorAll(${JSON.stringify(selector)})].find((one) => one.textContent.trim() === ${JSON.stringify(name)})`;

  /** Fills in what is found by a selector, as somebody who types does. */
  async function fill(tab: Tab, selector: string, value: string): Promise<void> {
    await until(tab, `document.querySelector(${JSON.stringify(selector)}) !== null`);
    await tab.evaluate(
      `((input) => { input.value = ${JSON.stringify(value)}; input.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector(${JSON.stringify(selector)}))`,
    );
  }

  async function press(tab: Tab, name: string, selector = "button"): Promise<void> {
    await until(tab, `${titled(name, selector)}?.disabled === false`);
    await tab.evaluate(`${titled(name, selector)}.click()`);
  }

  /** Signed in with a key, and what goes wrong on the page is noted from its first script on. */
  async function openDashboard(path: string, key: string): Promise<Tab> {
    const tab = await firefox.openTab();
    await tab.go(`${server.url}${path}#key=${key}`);
    await tab.evaluate(
      "(window.troubles = [], addEventListener('error', ({ message }) => troubles.push(message)), addEventListener('unhandledrejection', ({ reason }) => troubles.push(String(reason))), true)",
    );
    return tab;
  }

  /** Nothing went wrong, and nothing is wider than the page. */
  async function expectSound(tab: Tab): Promise<void> {
    expect(await tab.evaluate("troubles")).toEqual([]);
    const widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]";
    const [needed = 0, given = 0] = (await tab.evaluate(widths)) as number[];
    expect(needed).toBeLessThanOrEqual(given);
  }

  /** Somebody was there a moment ago. */
  async function reportPeople(): Promise<void> {
    const response = await fetch(`${server.url}/v1/activity`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.secret}`, "content-type": "application/json" },
      body: JSON.stringify({ beats: ["a-1", "a-2", "a-3"].map((user) => ({ user })) }),
    });
    expect(response.status).toBe(200);
    await ask(server, "/v1/active?fresh=1");
  }

  async function monthly(): Promise<string> {
    const { metrics } = await ask<EngagementAnswer>(server, "/v1/engagement");
    const row = metrics.find(({ metric }) => metric === "mau") as { count: number | null };
    return written(row.count);
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
    expect(await leaveAndComeBack(tab)).toBe(true);
    expect(await tab.evaluate("problems")).toEqual([]);
    await tab.close();
  });

  // The service of these four is one, and the first of them waits for half a minute.
  test.concurrent("a page that was hidden for a while has let go of its socket, so it is restored too, and opens another", async () => {
    const tab = await openPage(firefox);
    // Nobody has to be restored, and whoever is left in the same moment in which the socket closed may not be.
    for (let attempt = 1, isRestored = false; !isRestored; attempt++) {
      expect(attempt).toBeLessThan(4);
      await tab.evaluate(start("u-2"));
      await until(tab, "sockets === 1");
      await tab.evaluate("hide(true)");
      await until(tab, "sockets === 0");
      isRestored = await leaveAndComeBack(tab);
    }
    await tab.evaluate("hide(false)");
    await until(tab, "sockets === 1");
    expect(await tab.evaluate("problems")).toEqual([]);
    await tab.close();
  });

  test.concurrent("on the settings page a change is confirmed in a dialog, and holds", async () => {
    const tab = await openDashboard("/?page=settings", server.keys.secret);
    await fill(tab, "input[name='Name of a dimension']", "plan");
    await press(tab, "Declare");
    await until(tab, "document.querySelector('dialog[open]')?.textContent.includes('plan is recorded')");
    await press(tab, "Confirm", "dialog button");
    await until(tab, "document.querySelector('.chips')?.textContent.includes('plan')");
    const { dimensions } = await ask<{ dimensions: string[] }>(server, "/v1/settings", server.keys.secret);
    expect(dimensions).toContain("plan");
    await expectSound(tab);
    await tab.close();
  });

  test.concurrent("a view is shared, and whoever has the link sees the API's figures", async () => {
    await reportPeople();
    const tab = await openDashboard("/", server.keys.read);
    await press(tab, "Share");
    await press(tab, "Create link", "dialog button");
    await until(tab, "document.querySelector('.share-text input')?.value.includes('/embed?view=')");
    const link = String(await tab.evaluate("document.querySelector('.share-text input').value"));
    await expectSound(tab);
    await tab.close();

    const shared = await firefox.openTab();
    await shared.go(link);
    const figure = "document.querySelector('[aria-label=\"Last 30 days: MAU\"] .figure')";
    await until(shared, `${figure}?.textContent === "${await monthly()}"`);
    await until(shared, "document.querySelector('.panel canvas') !== null");
    expect(await shared.evaluate("document.querySelectorAll('input, select').length")).toBe(0);
    await shared.close();
  });

  test.concurrent("the list of apps shows the service's apps, leads to one, and Back leads to the list again", async () => {
    await reportPeople();
    const secret = (await readFile(join(server.dataDir, "secret"), "utf8")).trim();
    await expect
      .poll(async () => (await ask<AppsAnswer>(server, "/v1/apps", secret)).apps, { timeout: 60_000 })
      .toHaveLength(1);
    const tab = await openDashboard("/", secret);
    const card = "document.querySelector('.app-card')";
    const figures = `[...document.querySelectorAll(".app-card dd")].map(({ textContent }) => textContent)`;
    await until(tab, `${figures}.length === 4`);
    expect(((await tab.evaluate(figures)) as string[])[3]).toBe(await monthly());
    await expectSound(tab);
    await tab.evaluate(`${card}.querySelector("a").click()`);
    await until(tab, "document.querySelectorAll('.panel').length > 1");
    expect(await tab.evaluate("location.search")).toBe("?app=demo");
    await tab.back();
    await until(tab, `${card} !== null`);
    await expectSound(tab);
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
