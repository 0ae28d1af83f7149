import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EngagementAnswer, OnlineAnswer, TimeseriesAnswer } from "../../sdk/answers.ts";
import { KeyRing } from "../../worker/app/keys.ts";
import type { AppsAnswer } from "../../worker/query/app-list.ts";
import { launchBrowser } from "../support/browser.ts";
import { ask, barriers, reportHistory, settled, signIn, visit } from "../support/dashboard.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

const dayMs = 86_400_000;

let server: TestServer;
let browser: Browser;
let ring: KeyRing;
let secret: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  secret = (await readFile(join(server.dataDir, "secret"), "utf8")).trim();
  ring = await KeyRing.from(secret);
  await reportHistory(server);
  // As many people on each of six days, so that these apps have a trend.
  await reportPeople("shop", 7);
  await reportPeople("blog", 4);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await cleanUp();
});

async function reportPeople(app: string, people: number): Promise<void> {
  const lines = Array.from({ length: 6 * people }, (_, index) =>
    JSON.stringify({ user: `u-${index % people}`, at: Date.now() - Math.floor(index / people) * dayMs }),
  );
  await sendAs(app, "POST", "/v1/activity", lines.join("\n"), "application/x-ndjson");
  await ask(server, "/v1/active?fresh=1", await ring.keyFor(app, "read"));
}

async function sendAs(app: string, method: string, path: string, body: string, type: string): Promise<void> {
  const headers = { authorization: `Bearer ${await ring.keyFor(app, "secret")}`, "content-type": type };
  const response = await fetch(server.url + path, { method, body, headers });
  expect([path, response.status]).toEqual([path, 200]);
}

const card = (page: Page, app: string) => page.getByRole("listitem", { name: app, exact: true });

/** The figures of an app's card, by their labels. */
async function figuresOf(page: Page, app: string): Promise<Record<string, string>> {
  await card(page, app).locator("dl[aria-busy=false]").waitFor();
  const rows = await card(page, app)
    .locator("dl > div")
    .evaluateAll((all) => all.map((row) => Array.from(row.children, ({ textContent }) => textContent ?? "")));
  return Object.fromEntries(rows);
}

/** Rolling windows go on while one asks: what the page shows is between what the API said before and what it said after. */
function expectBetween(
  shown: readonly Record<string, string>[],
  before: readonly (number | null | undefined)[][],
  after: readonly (number | null | undefined)[][],
): void {
  const figures = shown.map((of) => Object.values(of).map((text) => Number(text.replaceAll(",", ""))));
  const among = figures.map((row, app) =>
    row.map((figure, place) => {
      const ends = [before[app]?.[place] ?? Number.NaN, after[app]?.[place] ?? Number.NaN];
      return Math.min(Math.max(figure, Math.min(...ends)), Math.max(...ends));
    }),
  );
  expect(figures).toEqual(among);
}

async function names(page: Page): Promise<string[]> {
  return page.getByRole("listitem").getByRole("heading").allTextContents();
}

async function addKey(page: Page, key: string): Promise<void> {
  await page.getByLabel("Read key of an app").fill(key);
  await page.getByRole("button", { name: "Add", exact: true }).click();
}

test("apps whose keys are added stand beside each other with the API's figures, and lead to their pages", async () => {
  const { page, complaints } = await visit(browser, `${server.url}/?range=30#key=${server.keys.read}`);
  await settled(page);
  await page.getByRole("button", { name: "Apps" }).click();
  expect(page.url()).toBe(`${server.url}/?page=apps&range=30`);
  await addKey(page, await ring.keyFor("shop", "read"));
  await addKey(page, await ring.keyFor("blog", "read"));
  await card(page, "blog").waitFor();

  const apps = ["demo", "shop", "blog"];
  const told = async () =>
    Promise.all(
      apps.map(async (app) => {
        const key = await ring.keyFor(app, "read");
        const { metrics } = await ask<EngagementAnswer>(server, "/v1/engagement", key);
        const { windows } = await ask<OnlineAnswer>(server, "/v1/online", key);
        const counts = metrics.flatMap((row) => ("count" in row ? [row.count] : []));
        return [windows[0]?.count, ...counts];
      }),
    );
  await stayWithinSlot();
  const before = await told();
  await page.reload();
  const shown = await Promise.all(apps.map((app) => figuresOf(page, app)));
  expect(shown.map((figures) => Object.keys(figures))).toEqual(
    apps.map(() => ["Online", "DAU", "WAU", "MAU"]),
  );
  expectBetween(shown, before, await told());
  // What was reported of them.
  expect(await figuresOf(page, "shop")).toMatchObject({ DAU: "7", WAU: "7", MAU: "7" });
  // A corner of the line for each day that is over: the first day on, before which nothing can be known.
  const { points } = await ask<TimeseriesAnswer>(
    server,
    "/v1/timeseries?metric=dau",
    await ring.keyFor("shop", "read"),
  );
  const known = points.filter(({ closed, count }) => closed && count !== null);
  const line = card(page, "shop").locator("polyline");
  await line.waitFor({ state: "attached" });
  expect((await line.getAttribute("points"))?.split(" ")).toHaveLength(known.length);

  expect(await names(page)).toEqual(["demo", "shop", "blog"]);
  await page.getByLabel("Sort by").selectOption({ label: "Sort by Name" });
  await expect.poll(() => names(page)).toEqual(["blog", "demo", "shop"]);
  await page.getByLabel("Find an app").fill("O");
  await expect.poll(() => page.getByRole("status").textContent()).toBe("3 apps");
  await page.getByLabel("Find an app").fill("op");
  await expect.poll(() => names(page)).toEqual(["shop"]);
  expect(await page.getByRole("status").textContent()).toBe("1 of 3 apps");
  expect(page.url()).toBe(`${server.url}/?page=apps&sort=name&find=op&range=30`);
  expect(await barriers(page)).toEqual([]);

  await card(page, "shop").getByRole("link", { name: "shop" }).click();
  await settled(page);
  expect(page.url()).toBe(`${server.url}/?app=shop&range=30`);
  const month = page.getByRole("region", { name: "Last 30 days: MAU" });
  expect(await month.locator(".figure").textContent()).toBe("7");
  await page.goBack();
  await expect.poll(() => names(page)).toEqual(["shop"]);
  expect(await page.getByLabel("Find an app").inputValue()).toBe("op");
  await page.goForward();
  await settled(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Read key").waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(complaints).toEqual([]);
});

test("keys are kept where the first one is, and a link to an app without a key asks for it", async () => {
  const { page } = await visit(browser, server.url);
  await page.getByLabel("Keep me signed in on this browser").check();
  await signIn(page, server.keys.read);
  await settled(page);
  await page.goto(`${server.url}/?app=shop`);
  await page.getByText("This link leads to shop, and you have no key for it here.").waitFor();
  expect(await figuresOf(page, "demo")).toHaveProperty("MAU");
  await addKey(page, server.keys.public);
  await page.getByRole("alert").getByText("This is a public key").waitFor();
  expect(await barriers(page)).toEqual([]);
  await addKey(page, await ring.keyFor("shop", "read"));
  await settled(page);
  expect(await page.title()).toBe("shop · Headcount");

  // Secrets are never kept for longer than the tab.
  await page.getByRole("button", { name: "Apps" }).click();
  await addKey(page, await ring.keyFor("blog", "secret"));
  await card(page, "blog").waitFor();
  const other = await page.context().newPage();
  await other.goto(`${server.url}/?page=apps`);
  await figuresOf(other, "demo");
  await expect.poll(() => names(other)).toEqual(["demo", "shop"]);
  await other.getByRole("button", { name: "Remove shop" }).click();
  await expect.poll(() => names(other)).toEqual(["demo"]);
  await other.getByRole("button", { name: "Remove demo" }).click();
  await other.getByLabel("Read key").waitFor();
  expect(await other.evaluate(() => localStorage.length)).toBe(0);
});

test("an app whose key was retired says so on its card, and the others are there", async () => {
  await reportPeople("leaver", 3);
  const { page } = await visit(browser, `${server.url}/?page=apps#key=${server.keys.read}`);
  await addKey(page, await ring.keyFor("leaver", "read"));
  expect(await figuresOf(page, "leaver")).toMatchObject({ MAU: "3" });
  const type = "application/json";
  await sendAs("leaver", "PUT", "/v1/settings", JSON.stringify({ keyRevisions: { read: 1 } }), type);
  await page.reload();
  await card(page, "leaver").getByText("expected one of revision 1 or later").waitFor();
  expect(await card(page, "leaver").getByRole("link").count()).toBe(0);
  expect(await figuresOf(page, "demo")).toHaveProperty("MAU");
  expect(await barriers(page)).toEqual([]);
  // Whoever opens its page is led back to the list.
  await page.goto(`${server.url}/?app=leaver`);
  await card(page, "leaver").getByText("expected one of revision 1 or later").waitFor();
  expect(page.url()).toBe(`${server.url}/?page=apps`);
  await addKey(page, await ring.keyFor("leaver", "read", 1));
  expect(await figuresOf(page, "leaver")).toMatchObject({ MAU: "3" });

  // Who has the service's secret reads it whatever was retired.
  const { page: operator } = await visit(browser, server.url);
  await operator.getByLabel("Keep me signed in on this browser").check();
  await signIn(operator, secret);
  const listed = async () => (await ask<AppsAnswer>(server, "/v1/apps", secret)).apps;
  const isListed = async () =>
    (await listed())
      .map(({ app }) => app)
      .toSorted()
      .join(" ");
  // It may take half a minute.
  await expect.poll(isListed, { timeout: 60_000 }).toBe("blog demo leaver shop");
  await stayWithinSlot();
  const told = (rows: AppsAnswer["apps"]) =>
    rows.map(({ online, dau, wau, mau }) => [online, dau, wau, mau].map(({ count }) => count));
  const rows = await listed();
  const apps = rows.map(({ app }) => app);
  await operator.reload();
  const shown = await Promise.all(apps.map((app) => figuresOf(operator, app)));
  expectBetween(shown, told(rows), told(await listed()));
  expect(await names(operator)).toEqual(apps);
  expect(await operator.evaluate(() => localStorage.length)).toBe(0);
  await card(operator, "leaver").locator("polyline").waitFor({ state: "attached" });
  await card(operator, "leaver").getByRole("link").click();
  await settled(operator);
  expect(operator.url()).toBe(`${server.url}/?app=leaver`);
  expect(
    await operator.getByRole("region", { name: "Last 30 days: MAU" }).locator(".figure").textContent(),
  ).toBe("3");
});

test("what has the form of the service's secret and isn't it is refused in words", async () => {
  const { page } = await visit(browser, server.url);
  await signIn(page, "s".repeat(43));
  await page.getByRole("alert").getByText("this isn't the service's secret").waitFor();
});

test("of a hundred apps a few are asked at once, and again only those that are seen", async () => {
  const keys = await Promise.all(
    Array.from({ length: 100 }, (_, index) => ring.keyFor(`many-${String(index).padStart(3, "0")}`, "read")),
  );
  const { page } = await visit(browser, server.url);
  await page.clock.install();
  await page.evaluate((text) => sessionStorage.setItem("headcount-key", text), keys.join(" "));
  const asked: string[] = [];
  let [underWay, most] = [0, 0];
  page.on("request", (request) => {
    if (!request.url().includes("/v1/")) return;
    const app = /_(many-\d+)_/.exec(request.headers()["authorization"] ?? "")?.[1] ?? "";
    asked.push(`${new URL(request.url()).pathname} ${app}`);
    most = Math.max(most, ++underWay);
  });
  page.on("requestfinished", (request) => {
    if (request.url().includes("/v1/")) underWay--;
  });
  const inView = () =>
    page
      .getByRole("listitem")
      .evaluateAll((cards) =>
        cards
          .filter((one) => one.getBoundingClientRect().top < innerHeight + 200)
          .map((one) => one.querySelector("h2")?.textContent ?? ""),
      );
  await page.goto(`${server.url}/?page=apps`);
  await page.waitForFunction(() => document.querySelectorAll("dl[aria-busy=false]").length === 100);
  const seen = await inView();
  expect(seen.length).toBeGreaterThan(4);
  expect(seen.length).toBeLessThan(50);
  const of = (route: string) =>
    asked.filter((one) => one.startsWith(route)).map((one) => one.split(" ")[1] ?? "");
  await expect.poll(() => of("/v1/timeseries").toSorted()).toEqual(seen);
  expect(of("/v1/active")).toHaveLength(100);
  expect(asked).toHaveLength(100 + seen.length);
  expect(most).toBeLessThanOrEqual(4);

  await expect.poll(() => underWay).toBe(0);
  asked.length = 0;
  await page.clock.fastForward(61_000);
  await expect.poll(() => of("/v1/active").toSorted()).toEqual(seen);
  expect(asked).toHaveLength(seen.length);
  expect(most).toBeLessThanOrEqual(4);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 768, 390]) {
    test(`at ${width} px, ${colorScheme}, nothing sticks out or is in anybody's way`, async () => {
      const options = { viewport: { width, height: 900 }, colorScheme };
      const { page, complaints } = await visit(
        browser,
        `${server.url}/?page=apps#key=${server.keys.read}`,
        options,
      );
      await addKey(page, await ring.keyFor("a-name-as-long-as-names-of-apps-can-be-40", "read"));
      await addKey(page, await ring.keyFor("shop", "read"));
      await figuresOf(page, "shop");
      expect(await barriers(page)).toEqual([]);
      const widths = () =>
        page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      const [needed = 0, given = 0] = await widths();
      expect(needed).toBeLessThanOrEqual(given);
      expect(complaints).toEqual([]);
    });
  }
}
