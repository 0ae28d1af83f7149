import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Beat, HeartbeatRequest } from "../../sdk/wire.ts";
import { activeNow } from "../support/active-now.ts";
import { launchBrowser } from "../support/browser.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { type LocalServer, serveFolder } from "../support/static-server.ts";
import type { Shown } from "../support/react-page.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let site: LocalServer;
let server: TestServer;
let browser: Browser;
let context: BrowserContext;
/** Every heartbeat that a page has sent, in order. */
let requests: HeartbeatRequest[];
/** What the pages have logged or thrown. */
let noise: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headcount-react-"));
  await build({
    absWorkingDir: rootDir,
    entryPoints: { main: "examples/react/main.tsx", page: "test/support/react-page.ts" },
    bundle: true,
    jsx: "automatic",
    outdir: folder,
  });
  await copyFile(`${rootDir}examples/react/index.html`, join(folder, "index.html"));
  // A page without an app, to mount components in at will.
  await writeFile(join(folder, "empty.html"), `<!doctype html><body><script src="page.js"></script>`);
  site = await serveFolder(folder);
  server = await startServer();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await server?.stop();
  await cleanUp();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  requests = [];
  noise = [];
  context = await browser.newContext();
  await stayWithinSlot();
}, 60_000);
afterEach(async () => {
  await context.close();
  expect(noise).toEqual([]);
});

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("console", (message) => {
    if (!message.text().includes("React DevTools")) noise.push(message.text());
  });
  page.on("requestfinished", (request) => {
    if (request.method() === "POST") requests.push(request.postDataJSON() as HeartbeatRequest);
  });
  await page.goto(site.url + path);
  return page;
}

async function show(
  page: Page,
  ...all: Pick<Shown, "user" | "since" | "dimensions" | "withTokens" | "withSocket">[]
): Promise<void> {
  const options = { endpoint: server.url, publicKey: server.keys.public, includeBots: true };
  await page.evaluate(
    (props) => window.show(props),
    all.map((props) => ({ ...options, ...props })),
  );
}

/** Until so many heartbeats are through, and no more have come for a moment. */
async function beats(count: number): Promise<Beat[]> {
  await vi.waitFor(() => expect(requests.length).toBeGreaterThanOrEqual(count), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(requests).toHaveLength(count);
  return requests.flatMap((request) => request.beats ?? []);
}

test("the example counts one person through strict mode, sign-in, remounts, reloads and sign-out", async () => {
  const before = await activeNow(server);
  const page = await open(`/?key=${server.keys.public}&endpoint=${server.url}&include-bots`);
  expect(await page.textContent("h1")).toBe("Hello, stranger");
  expect(await beats(1)).toMatchObject([{ anonymous: expect.any(String), via: "foreground" }]);
  expect(await activeNow(server)).toBe(before + 1);

  await page.fill("input[name=user]", "react-1");
  await page.click("text=Sign in");
  expect((await beats(2))[1]).toMatchObject({ user: "react-1", dimensions: { platform: "web" } });
  // The anonymous visitor from before is the same person.
  expect(await activeNow(server)).toBe(before + 1);

  for (let round = 0; round < 3; round++) {
    await page.click("text=Play");
    await page.click("text=Stop");
  }
  await beats(2);
  expect(await activeNow(server)).toBe(before + 1);

  // Whoever comes next in this browser is somebody else.
  await page.click("text=Sign out");
  await page.fill("input[name=user]", "react-2");
  await page.click("text=Sign in");
  expect((await beats(3))[2]).toMatchObject({ user: "react-2" });
  expect(await activeNow(server)).toBe(before + 2);

  await page.goto(`${page.url()}&user=react-2`);
  expect(await page.textContent("h1")).toBe("Hello, react-2");
  await beats(3);
  expect(await activeNow(server)).toBe(before + 2);
});

test("a user who is known when the component mounts is all that is counted", async () => {
  const page = await open("/empty.html");
  await show(page, { user: "known", since: "2026-11-01", dimensions: { tenant: "acme" } });
  expect(await beats(1)).toEqual([
    { user: "known", since: "2026-11-01", dimensions: { tenant: "acme" }, via: "foreground" },
  ]);
  // The same said anew is the same.
  await show(page, { user: "known", since: "2026-11-01", dimensions: { tenant: "acme" } });
  await beats(1);
});

test("one user after the other is a sign-out and a sign-in: each begins with an installation of their own", async () => {
  const page = await open("/empty.html");
  const storage = async () => page.evaluate(() => JSON.stringify(localStorage));
  await show(page, { user: "" });
  const stranger = (await beats(1))[0]?.anonymous as string;
  expect(await storage()).toContain(stranger);
  await show(page, { user: "first" });
  await beats(2);
  await show(page, { user: "second" });
  await beats(3);
  expect(await storage()).not.toContain(stranger);

  await show(page, { user: null });
  await page.evaluate(() => dispatchEvent(new Event("pageshow")));
  const nextStranger = (await beats(4))[3]?.anonymous as string;
  expect(nextStranger).not.toBe(stranger);
  await show(page, { user: "third" });
  expect((await beats(5)).map(({ user }) => user)).toEqual([
    undefined,
    "first",
    "second",
    undefined,
    "third",
  ]);
  expect(requests.map(({ link }) => link?.anonymous)).toEqual([
    undefined,
    stranger,
    undefined,
    undefined,
    nextStranger,
  ]);
});

test("components with one key share an instance, which lives as long as the last of them", async () => {
  const page = await open("/empty.html");
  await show(page, { user: "shared" }, { user: "shared" }, { user: "shared" });
  await beats(1);
  await show(page, { user: "shared" });
  // Still there: another user is counted.
  await show(page, { user: "other" });
  await beats(2);
  await show(page);
  await page.evaluate(() => {
    localStorage.clear();
    dispatchEvent(new Event("pageshow"));
  });
  await beats(2);
});

test("another key is another app, with an instance of its own", async () => {
  const page = await open("/empty.html");
  await show(page, { user: "mover" });
  await beats(1);
  // A key that the server refuses, with nothing but a line about it from the browser itself.
  const problems = page.evaluate(
    ([endpoint, publicKey]) =>
      new Promise<number>((resolve) => {
        window.show([
          {
            endpoint: endpoint as string,
            publicKey: publicKey as string,
            includeBots: true,
            user: "mover",
            onError: (problem) => resolve(problem instanceof Response ? problem.status : 0),
          },
        ]);
      }),
    [server.url, "hc_pub_other_forged"],
  );
  expect(await problems).toBe(401);
  await beats(2);
  expect(requests.map(({ key }) => key)).toEqual([server.keys.public, "hc_pub_other_forged"]);
  noise = noise.filter((line) => !line.startsWith("Failed to load resource"));
});

/** Makes an instance of the app's own, for a user. */
async function own(page: Page, user: string): Promise<void> {
  const options = { endpoint: server.url, key: server.keys.public, includeBots: true };
  await page.evaluate(([given, id]) => window.own(given, id), [options, user] as const);
}

test("an instance that the app has made is used by components, and outlives them", async () => {
  const page = await open("/empty.html");
  await own(page, "owner");
  await beats(1);
  await show(page, { user: "owner" }, { user: "owner" });
  await show(page, { user: "owner" });
  await show(page);
  await page.evaluate(() => window.app.identify("after"));
  expect((await beats(2)).map(({ user }) => user)).toEqual(["owner", "after"]);
});

test("one that a component has made ends with it, and the app's next is another", async () => {
  const page = await open("/empty.html");
  await show(page, { user: "first" });
  await beats(1);
  await show(page);
  await own(page, "second");
  expect((await beats(2)).map(({ user }) => user)).toEqual(["first", "second"]);
});

test("with connect one socket is open for as long as a component is mounted", async () => {
  const page = await open("/empty.html");
  const sockets: string[] = [];
  page.on("websocket", (socket) => {
    sockets.push("open");
    socket.on("close", () => sockets.push("closed"));
  });
  const user = { user: "connected", withSocket: true };
  await show(page, user, user);
  await vi.waitFor(() => expect(sockets).toEqual(["open"]), 10_000);
  await show(page, user);
  await beats(1);
  expect(sockets).toEqual(["open"]);
  await show(page);
  await vi.waitFor(() => expect(sockets).toEqual(["open", "closed"]), 10_000);
});

test("with the init of tokens, users are counted by a token and strangers by the key", async () => {
  const page = await open("/empty.html");
  await show(page, { withTokens: true });
  await beats(1);
  await show(page, { withTokens: true, user: "token-user" });
  await beats(3);
  expect(requests.map(({ key, token }) => [key !== undefined, token !== undefined])).toEqual([
    [true, false],
    // The exchange, which names the key.
    [true, false],
    [false, true],
  ]);
  await show(page);
});
