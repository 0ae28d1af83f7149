import { createServer } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { type FakeWorker, startFakeWorker } from "../support/fake-worker.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { listen, type LocalServer, servePage } from "../support/static-server.ts";

let browser: Browser;
let worker: FakeWorker;
let context: BrowserContext;
let site: LocalServer | undefined;
/** What the pages have logged or thrown, without the browser's own word on a request that failed. */
let noise: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  worker = await startFakeWorker();
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
});

beforeEach(async () => {
  worker.requests.length = 0;
  worker.answer = { status: 200 };
  context = await browser.newContext();
  noise = [];
});
afterEach(async () => {
  await context.close();
  await site?.close();
  site = undefined;
});

/** Opens a page of another origin that embeds the SDK like this. */
async function open(attributes = "data-include-bots", script = ""): Promise<Page> {
  const tag = `<script defer src="${worker.url}/sdk.js" data-key="hc_pub_demo_mac" ${attributes}></script>`;
  site ??= await servePage(`<!doctype html><script>${script}</script>${tag}<h1>An app</h1>`);
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("console", (message) => {
    if (!message.text().startsWith("Failed to load resource")) noise.push(message.text());
  });
  await page.goto(site.url);
  return page;
}

/** Draws the shortest waits. */
const soon = "Math.random = () => 0.01";

/** Until so many heartbeats are in, and no more have come for a moment. */
async function expectHeartbeats(count: number): Promise<void> {
  await vi.waitFor(() => expect(worker.heartbeats().length).toBeGreaterThanOrEqual(count), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(worker.heartbeats()).toHaveLength(count);
}

test("a script tag counts the visitor with one request, without preflight or cookie", async () => {
  await stayWithinSlot();
  await open();
  await expectHeartbeats(1);
  expect(worker.requests).toMatchObject([
    { method: "POST", contentType: "text/plain;charset=UTF-8", cookie: undefined },
  ]);
  expect(worker.heartbeats()[0]).toMatchObject({
    key: "hc_pub_demo_mac",
    beats: [{ anonymous: expect.any(String), since: expect.any(Number) }],
  });
  expect(noise).toEqual([]);
});

test("reloads and further tabs add nothing, another profile does", async () => {
  await stayWithinSlot();
  const page = await open();
  await expectHeartbeats(1);
  await page.reload();
  await open();
  await expectHeartbeats(1);
  await context.close();
  context = await browser.newContext();
  await open();
  await expectHeartbeats(2);
  const ids = worker.heartbeats().flatMap(({ beats }) => beats.map(({ anonymous }) => anonymous));
  expect(new Set(ids).size).toBe(2);
});

test("loaded twice it is one, and an element of the same name does not stop it", async () => {
  await stayWithinSlot();
  const page = await open("data-include-bots", "document.write('<p id=headcount></p>')");
  await expectHeartbeats(1);
  await page.evaluate(async (src) => {
    window.name = String("headcount" in window);
    const again = Object.assign(document.createElement("script"), { src });
    again.dataset["key"] = "hc_pub_demo_mac";
    const before: unknown = Reflect.get(window, "headcount");
    await new Promise((resolve) => {
      again.addEventListener("load", resolve);
      document.head.append(again);
    });
    if (before !== Reflect.get(window, "headcount")) throw new Error("replaced");
  }, `${worker.url}/sdk.js`);
  await expectHeartbeats(1);
  expect(noise).toEqual([]);
});

test("a user named in the tag is counted, and nobody else", async () => {
  await stayWithinSlot();
  await open('data-include-bots data-user="u-42"');
  await expectHeartbeats(1);
  expect(worker.heartbeats()[0]?.beats).toMatchObject([{ user: "u-42" }]);
});

test("a browser under automation is not counted", async () => {
  const page = await open("");
  expect(await page.evaluate(() => navigator.webdriver)).toBe(true);
  await page.waitForTimeout(500);
  expect(worker.requests).toEqual([]);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test("Global Privacy Control is respected, unless the app says otherwise", async () => {
  await stayWithinSlot();
  const gpc = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })";
  const page = await open("data-include-bots", gpc);
  await page.waitForTimeout(500);
  expect(worker.requests).toEqual([]);
  await site?.close();
  site = undefined;
  await open("data-include-bots data-ignore-gpc", gpc);
  await expectHeartbeats(1);
});

test("a page that is hidden at its start sends nothing until it is shown", async () => {
  await stayWithinSlot();
  const page = await open(
    "data-include-bots",
    "let state = true; Object.defineProperty(document, 'hidden', { get: () => state });",
  );
  await page.waitForTimeout(500);
  expect(worker.requests).toEqual([]);
  await page.evaluate("state = false; document.dispatchEvent(new Event('visibilitychange'))");
  await expectHeartbeats(1);
});

// Neither the back-forward cache nor freezing is to be had in this Chromium (2026), so their events are made up.
test.each([
  "document.dispatchEvent(new Event('resume'))",
  "document.dispatchEvent(new Event('prerenderingchange'))",
  "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
])("%s leads to a beat for the slot it finds", async (signOfLife) => {
  await stayWithinSlot();
  const page = await open();
  await expectHeartbeats(1);
  // As if a slot had passed meanwhile.
  await page.evaluate("localStorage.setItem('hc_pub_demo_mac', '{}')");
  await page.evaluate(signOfLife);
  await expectHeartbeats(2);
});

test("a page whose storage throws is counted, and a sandboxed frame too", async () => {
  await stayWithinSlot();
  const page = await open(
    "data-include-bots",
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
  );
  await expectHeartbeats(1);
  await page.setContent(`<iframe sandbox="allow-scripts" srcdoc='
    <script src="${worker.url}/sdk.js" data-key="hc_pub_demo_mac" data-include-bots></script>'></iframe>`);
  await expectHeartbeats(2);
  expect(noise).toEqual([]);
});

test("a blocked endpoint costs the page nothing and logs nothing", async () => {
  await context.route("**/v1/heartbeat", (route) => route.abort("blockedbyclient"));
  const page = await open();
  await page.waitForTimeout(1500);
  expect(await page.textContent("h1")).toBe("An app");
  expect(worker.requests).toEqual([]);
  expect(noise).toEqual([]);
});

test("a blocked script costs the page nothing either", async () => {
  await context.route("**/sdk.js", (route) => route.abort("blockedbyclient"));
  const page = await open();
  expect(await page.textContent("h1")).toBe("An app");
  expect(noise).toEqual([]);
});

test.each([{ status: 500 }, "drop"] as const)("a server that answers %j is tried again", async (answer) => {
  await stayWithinSlot();
  worker.answer = answer;
  await open("data-include-bots", soon);
  await vi.waitFor(() => expect(worker.requests.length).toBeGreaterThan(1), 20_000);
  worker.answer = { status: 200 };
  const before = worker.requests.length;
  await vi.waitFor(() => expect(worker.requests.length).toBeGreaterThan(before), 60_000);
  await expectHeartbeats(worker.requests.length);
  expect(noise).toEqual([]);
});

test("Retry-After is kept to across origins", async () => {
  await stayWithinSlot();
  worker.answer = { status: 503, retryAfterSeconds: 4 };
  const page = await open("data-include-bots", soon);
  await expectHeartbeats(1);
  worker.answer = { status: 200 };
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForTimeout(2500);
  expect(worker.requests).toHaveLength(1);
  await expectHeartbeats(2);
});

test("what could not be sent offline is sent once the network is back", async () => {
  await stayWithinSlot();
  const page = await open();
  await expectHeartbeats(1);
  await context.setOffline(true);
  await page.evaluate("headcount.identify('u-42')");
  await page.waitForTimeout(500);
  expect(worker.requests).toHaveLength(1);
  await context.setOffline(false);
  await expectHeartbeats(2);
  expect(worker.heartbeats()[1]?.beats).toMatchObject([{ user: "u-42" }]);
  expect(noise).toEqual([]);
});

test("a beat survives the page that sends it", async () => {
  await stayWithinSlot();
  const page = await open();
  await expectHeartbeats(1);
  const sent = page.waitForRequest("**/v1/heartbeat");
  await page.evaluate("headcount.identify('u-42')");
  await sent;
  await page.close();
  await expectHeartbeats(2);
});

test("a page of whatever kind of script, with a global of its own name or none, is counted", async () => {
  await stayWithinSlot();
  const page = await open('data-include-bots data-name="people"');
  await expectHeartbeats(1);
  expect(await page.evaluate("typeof people.identify + typeof window.headcount")).toBe("functionundefined");
  await site?.close();
  site = undefined;
  const module = await open('data-include-bots type="module" data-user="u-42"');
  await expectHeartbeats(2);
  expect(await module.evaluate("typeof headcount.identify")).toBe("function");
  expect(worker.heartbeats()[1]?.beats).toMatchObject([{ user: "u-42" }]);
  expect(noise).toEqual([]);
});

test.each(["5", "'text'", "() => 'mine'", "{ init() {} }", "null"])(
  "a page whose own window.headcount is %s keeps it, and is counted",
  async (own) => {
    await stayWithinSlot();
    const page = await open(
      "data-include-bots",
      `window.headcount = ${own}; window.before = window.headcount`,
    );
    await expectHeartbeats(1);
    expect(await page.evaluate("window.headcount === window.before")).toBe(true);
    expect(noise).toEqual([]);
  },
);

test("an endpoint of the page's own origin that never answers takes no connection from the page", async () => {
  await stayWithinSlot();
  const script = await (await fetch(`${worker.url}/sdk.js`)).text();
  site = await listen(
    createServer((request, response) => {
      if (request.url?.startsWith("/hb/v1/")) return void request.resume();
      if (request.url === "/sdk.js") return void response.end(script);
      response.setHeader("content-type", "text/html");
      response.end(
        '<script src="/sdk.js" data-key="hc_pub_demo_mac" data-endpoint="/hb/" data-include-bots></script>',
      );
    }),
  );
  const page = await context.newPage();
  // A browser has six connections to an origin.
  for (let click = 0; click < 10; click++) {
    await page.goto(`${site.url}/page-${click}`, { timeout: 10_000 });
    await page.waitForTimeout(100);
  }
  await page.clock.install();
  await page.goto(`${site.url}/left-open`);
  for (let hours = 0; hours < 3; hours++) {
    for (let slots = 0; slots < 12; slots++) await page.clock.runFor(300_000);
    expect(
      await page.evaluate(async (url) => (await fetch(url, { cache: "no-store" })).status, `${site.url}/api`),
    ).toBe(200);
  }
});

test("shutdown ends it", async () => {
  await stayWithinSlot();
  const page = await open();
  await expectHeartbeats(1);
  await page.evaluate("headcount.shutdown(); headcount.shutdown(); headcount.identify('u-42')");
  await page.evaluate(() => dispatchEvent(new Event("pageshow")));
  await page.waitForTimeout(300);
  expect(worker.requests).toHaveLength(1);
});
