import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { HeartbeatRequest } from "../../sdk/wire.ts";
import { activeNow } from "../support/active-now.ts";
import { launchBrowser } from "../support/browser.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { type LocalServer, servePage } from "../support/static-server.ts";

let server: TestServer;
let browser: Browser;
let site: LocalServer;
let context: BrowserContext;
/** What was sent and answered with success. */
let delivered: HeartbeatRequest[];
let preflights: number;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const tag = `<script defer src="${server.url}/sdk.js" data-key="${server.keys.public}" data-include-bots></script>`;
  site = await servePage(`<!doctype html>${tag}<h1>An app</h1>`);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await server?.stop();
  await cleanUp();
});
beforeEach(async () => {
  context = await browser.newContext();
  delivered = [];
  preflights = 0;
  context.on("requestfinished", (request) => {
    if (request.method() === "OPTIONS") preflights++;
    if (request.method() === "POST") delivered.push(request.postDataJSON() as HeartbeatRequest);
  });
  await stayWithinSlot();
}, 60_000);
afterEach(async () => {
  expect(preflights).toBe(0);
  await context.close();
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  return page;
}

/** Until so many heartbeats have been answered. */
async function answered(times: number): Promise<void> {
  await expect.poll(() => delivered.length, { timeout: 20_000 }).toBe(times);
}

test("two tabs, reloaded, are one visitor and one request", async () => {
  const before = await activeNow(server);
  const page = await open();
  await answered(1);
  await open();
  await page.reload();
  await page.waitForTimeout(300);
  expect(delivered).toHaveLength(1);
  expect(await activeNow(server)).toBe(before + 1);
});

test("what happened offline is delivered once the network is back", async () => {
  const before = await activeNow(server);
  const page = await open();
  await answered(1);
  await context.setOffline(true);
  await page.evaluate("headcount.identify('u-offline')");
  await page.waitForTimeout(300);
  expect(delivered).toHaveLength(1);
  await context.setOffline(false);
  await answered(2);
  expect(delivered[1]?.beats[0]?.user).toBe("u-offline");
  // The visitor and the user are the same person.
  expect(await activeNow(server)).toBe(before + 1);
});

test("a page that stays open over midnight beats in the first minutes of the new day", async () => {
  await context.clock.install({ time: new Date("2026-11-20T23:57:30Z") });
  await open();
  await answered(1);
  await context.clock.fastForward(60_000);
  expect(delivered).toHaveLength(1);
  // Midnight, and the minute over which pages spread their beats.
  await context.clock.fastForward(150_000);
  await answered(2);
  expect(delivered[1]?.beats).toMatchObject([{ anonymous: delivered[0]?.beats[0]?.anonymous }]);
});

test("a page that is left open for days goes on counting", async () => {
  await context.clock.install({ time: new Date("2026-11-20T10:01:00Z") });
  await open();
  await answered(1);
  for (let slot = 2; slot <= 12; slot++) {
    await context.clock.fastForward(14 * 60 * 60_000);
    await answered(slot);
  }
});
