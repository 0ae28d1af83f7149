import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { type LocalServer, serveFolder } from "../support/static-server.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let site: LocalServer;
let server: TestServer;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headcount-socket-"));
  await build({
    absWorkingDir: rootDir,
    entryPoints: { page: "test/support/socket-page.ts" },
    bundle: true,
    outdir: folder,
  });
  await writeFile(join(folder, "index.html"), `<!doctype html><body><script src="page.js"></script>`);
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
  context = await browser.newContext();
  await stayWithinSlot();
}, 60_000);
afterEach(() => context.close());

interface Tab {
  page: Page;
  /** Sockets that this page has opened and that are still there. */
  open: number;
  opened: number;
  /** What it has sent on them. */
  sent: string[];
}

async function openTab(user: string): Promise<Tab> {
  const page = await context.newPage();
  const tab: Tab = { page, open: 0, opened: 0, sent: [] };
  page.on("websocket", (socket) => {
    tab.open++;
    tab.opened++;
    socket.on("framesent", ({ payload }) => tab.sent.push(String(payload)));
    socket.on("close", () => tab.open--);
  });
  await page.goto(`${site.url}/index.html`);
  await page.evaluate(([endpoint, key, who]) => window.start(endpoint, key, who), [
    server.url,
    server.keys.public,
    user,
  ] as const);
  return tab;
}

/** Waits until it is so: what a browser does takes as long as it takes. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

async function online(): Promise<{ people: number; sockets: number }> {
  const headers = { authorization: `Bearer ${server.keys.read}` };
  const answer = await fetch(`${server.url}/v1/online?fresh=1`, { headers });
  const { windows, sockets } = (await answer.json()) as { windows: { count: number }[]; sockets: number };
  return { people: windows[0]?.count ?? 0, sockets };
}

test("two tabs hold one socket between them, and when one is closed the other takes over", async () => {
  const first = await openTab("u-1");
  await until(() => first.sent.includes("ping"));
  expect(JSON.parse(first.sent[0] as string)).toMatchObject({ beats: [{ user: "u-1", via: "socket" }] });
  const second = await openTab("u-1");
  await sleep(300);
  expect([first.open, second.opened]).toEqual([1, 0]);
  await first.page.close();
  await until(() => second.open === 1 && second.sent.includes("ping"));
  await until(async () => (await online()).sockets === 1);
  expect((await online()).people).toBe(1);
});

test("a page that is left for good closes its socket, and one that comes back opens another", async () => {
  const tab = await openTab("u-1");
  await until(() => tab.sent.includes("ping"));
  await tab.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
  await until(() => tab.open === 0);
  await tab.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
  await until(() => tab.open === 1);
  expect(await tab.page.evaluate("problems")).toEqual([]);
});

test("a page that is hidden at its start opens nothing until it is shown", async () => {
  const page = await context.newPage();
  let opened = 0;
  page.on("websocket", () => opened++);
  await page.goto(`${site.url}/index.html`);
  await page.evaluate("hide(true)");
  await page.evaluate(([endpoint, key]) => window.start(endpoint, key, "u-1"), [
    server.url,
    server.keys.public,
  ] as const);
  await sleep(300);
  expect(opened).toBe(0);
  await page.evaluate("hide(false)");
  await until(() => opened === 1);
});

test("a socket that the server ends is opened again when it is back, and nobody is lost or counted twice", async () => {
  const tab = await openTab("u-1");
  await until(() => tab.sent.includes("ping"));
  const port = Number(new URL(server.url).port);
  const { dataDir } = server;
  await server.stop();
  await until(() => tab.open === 0);
  server = await startServer({ port, dataDir });
  await until(() => tab.open === 1 && tab.sent.filter((text) => text.includes("beats")).length >= 2);
  await until(async () => (await online()).sockets === 1);
  expect((await online()).people).toBe(1);
});
