import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { type LocalServer, serveFolder } from "../support/static-server.ts";

const folder = fileURLToPath(new URL("../../examples/web", import.meta.url));

let server: TestServer;
let site: LocalServer;
let browser: Browser;
/** Every request of any page to the server. */
const requests: string[] = [];

beforeAll(async () => {
  server = await startServer();
  site = await serveFolder(folder);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await server?.stop();
  await cleanUp();
});

async function newProfile(): Promise<BrowserContext> {
  return browser.newContext();
}

async function open(context: BrowserContext, more = ""): Promise<Page> {
  const page = await context.newPage();
  // Playwright does not show preflights, Chromium's own protocol does.
  const protocol = await context.newCDPSession(page);
  await protocol.send("Network.enable");
  protocol.on("Network.requestWillBeSent", ({ request }) => {
    if (request.url.startsWith(server.url))
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
  });
  await page.goto(`${site.url}/?key=${server.keys.public}&endpoint=${server.url}&include-bots${more}`);
  return page;
}

async function statusOf(page: Page, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await page.textContent("#status")).toContain(text), 10_000);
}

/** What the server answers whoever may read. */
async function countNow(): Promise<number> {
  const response = await fetch(`${server.url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${server.keys.read}` },
  });
  expect(response.status).toBe(200);
  const { windows } = await response.json();
  return windows[0].count;
}

test("the example page is counted: once a browser, and once a person who signs in on both", async () => {
  await stayWithinSlot();
  const first = await newProfile();
  const page = await open(first);
  await statusOf(page, "Counted as an anonymous visitor");
  expect(await countNow()).toBe(1);

  await page.reload();
  await statusOf(page, "");
  await open(first);
  await page.waitForTimeout(500);
  expect(await countNow()).toBe(1);

  const second = await newProfile();
  const otherPage = await open(second);
  await statusOf(otherPage, "Counted as an anonymous visitor");
  expect(await countNow()).toBe(2);

  // Two browsers, each anonymous first: who signs in takes the activity of the installation along.
  await page.fill("input[name=user]", "u-42");
  await page.click("text=Sign in");
  await statusOf(page, "Counted as u-42");
  expect(await countNow()).toBe(2);
  await otherPage.fill("input[name=user]", "u-42");
  await otherPage.click("text=Sign in");
  await statusOf(otherPage, "Counted as u-42");
  expect(await countNow()).toBe(1);

  // A user who is known when the page opens is all that is counted.
  const third = await newProfile();
  await statusOf(await open(third, "&user=u-42"), "Counted as u-42");
  expect(await countNow()).toBe(1);

  expect(requests.filter((request) => request.startsWith("POST"))).toHaveLength(5);
  expect(requests).not.toContain("OPTIONS /v1/heartbeat");
  // A preflight would have been seen.
  await page.evaluate(
    (url) => fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } }),
    `${server.url}/v1/heartbeat`,
  );
  await vi.waitFor(() => expect(requests).toContain("OPTIONS /v1/heartbeat"));

  await Promise.all([first, second, third].map((context) => context.close()));
});

test("signing out is said, and the page says in words what went wrong", async () => {
  const context = await newProfile();
  const page = await open(context, "&user=u-43");
  await statusOf(page, "Counted as u-43");
  await page.click("text=Sign out");
  await statusOf(page, "Signed out");
  expect(await page.textContent("#who")).toBe("Anonymous");

  await page.goto(`${site.url}/?key=hc_pub_demo_wrong&endpoint=${server.url}&include-bots`);
  await statusOf(page, "401");
  await page.goto(`${site.url}/?key=${server.keys.public}&endpoint=http://127.0.0.1:9&include-bots`);
  await statusOf(page, "Nothing answers");
  await context.close();
});

test("without a key it asks for one, also when the file is opened without any server", async () => {
  const context = await newProfile();
  const page = await context.newPage();
  await page.goto(`file://${folder}/index.html`);
  await page.fill("input[name=key]", server.keys.public);
  await page.fill("input[name=endpoint]", server.url);
  await page.click("text=Count me");
  await page.waitForURL(/key=hc_pub_/);
  await page.goto(`${page.url()}&include-bots`);
  await statusOf(page, "Counted as an anonymous visitor");
  await context.close();
});
