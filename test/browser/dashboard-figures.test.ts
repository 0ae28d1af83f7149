import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  ActiveAnswer,
  CohortRow,
  EngagementRow,
  EngagementAnswer,
  LifecycleAnswer,
  OnlineAnswer,
  RetentionAnswer,
  TimeseriesAnswer,
} from "../../sdk/answers.ts";
import type { Population } from "../../scripts/demo/population.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  ask,
  reportHistory,
  reportNow,
  settled,
  tableOf,
  toldOnReload,
  visit,
  written,
} from "../support/dashboard.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

let server: TestServer;
let browser: Browser;
let population: Population;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  population = await reportHistory(server);
  ({ page, complaints } = await visit(browser, `${server.url}/#key=${server.keys.read}`));
  await settled(page);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await cleanUp();
});

/** The points of a metric, over the 90 days that the page shows at first. */
async function points(metric: string, more = ""): Promise<TimeseriesAnswer["points"]> {
  const from = new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10);
  const { points: all } = await ask<TimeseriesAnswer>(
    server,
    `/v1/timeseries?metric=${metric}&from=${from}${more}`,
  );
  return all.filter((point) => point.count != null || point.percent != null);
}

/** Of people who first appeared before the history, only those who came in it are known. */
function isKnown({ cohort, size, periods: [own] }: CohortRow): boolean {
  return Boolean(size.count) && own?.count != null && (cohort >= population.dateOf(0) || own.rate === 100);
}

/** Has the page ask again, at a time when a rolling window covers the same for it and for the test. */
async function askAgain(): Promise<void> {
  await stayWithinSlot();
  await page.reload();
  await settled(page);
}

async function choose(name: string, option: string): Promise<void> {
  await page.getByRole("group", { name }).getByText(option, { exact: true }).click();
  await settled(page);
}

test("the cards show who is online, and the day's, week's and month's people with interval and growth", async () => {
  await reportNow(server);
  const { metrics } = await toldOnReload<EngagementAnswer>(page, "**/v1/engagement");
  for (const [metric, title] of [
    ["dau", "Last 24 hours"],
    ["wau", "Last 7 days"],
    ["mau", "Last 30 days"],
  ] as const) {
    const row = metrics.find((one): one is EngagementRow => one.metric === metric) as EngagementRow;
    const card = page.getByRole("region", { name: title });
    expect(await card.locator(".figure").textContent()).toBe(written(row.count));
    const interval =
      row.low === row.high ? "exact count" : `95 % interval: ${written(row.low)} – ${written(row.high)}`;
    expect(await card.locator(".card-note").textContent()).toBe(interval);
    // Of 40 days there are no two months to compare.
    expect([metric, row.growth === null]).toEqual([metric, metric === "mau"]);
    if (row.growth === null) {
      expect(await card.locator(".growth").count()).toBe(0);
      continue;
    }
    const growth = (await card.locator(".growth").textContent()) ?? "";
    expect(Math.abs(Number.parseFloat(growth.replace("−", "-")) - row.growth)).toBeLessThan(0.51);
  }
  const { windows } = await ask<OnlineAnswer>(server, "/v1/online");
  expect(windows[0]?.count).toBe(2);
  const online = page.getByRole("region", { name: "People online" });
  expect(await online.locator(".figure").textContent()).toBe("2");
});

test("the trend of each metric is the API's, day by day from the newest, with its interval", async () => {
  for (const [metric, name] of [
    ["dau", "Daily"],
    ["wau", "Weekly"],
    ["mau", "Monthly"],
  ] as const) {
    await choose("Metric", name);
    const expected = await points(metric);
    const { rows } = await tableOf(page, "Active people");
    expect(rows.size).toBeGreaterThan(38);
    expect([...rows]).toEqual(
      expected
        .map(({ date, count, low, high, closed }) => [
          date,
          [written(count), written(low), written(high), closed ? "" : "so far"],
        ])
        .toReversed(),
    );
  }
  await choose("Metric", "Daily");
});

test("new and returning people add up to the day's", async () => {
  const [active, news] = [
    await points("dau"),
    new Map((await points("new")).map((point) => [point.date, point])),
  ];
  const { rows, columns } = await tableOf(page, "New and returning");
  expect(columns).toEqual(["Day", "New", "Returning", "Note"]);
  expect(rows.size).toBe(active.length);
  for (const { date, count } of active) {
    const fresh = news.get(date)?.count as number;
    expect([date, rows.get(date)?.slice(0, 2)]).toEqual([
      date,
      [written(fresh), written((count as number) - fresh)],
    ]);
  }
});

test("stickiness is shown of days that are over, from the first full month on", async () => {
  const all = await points("stickiness");
  const full = all.filter(({ closed }, index) => closed && index >= 29);
  const { rows } = await tableOf(page, "Stickiness");
  expect(rows.size).toBeGreaterThan(8);
  expect([...rows]).toEqual(
    full
      .map(({ date, percent, percentInterval: bounds }) => [
        date,
        [written(percent), written(bounds?.low), written(bounds?.high), ""],
      ])
      .toReversed(),
  );
});

test("life cycle and retention are the API's, in weeks and in days", async () => {
  for (const [interval, name, cohorts, periods] of [
    ["week", "Weeks", 10, 12],
    ["day", "Days", 14, 30],
  ] as const) {
    await choose("Interval of life cycle and retention", name);
    const { periods: expected } = await ask<LifecycleAnswer>(
      server,
      `/v1/lifecycle?interval=${interval}&periods=${periods}`,
    );
    const life = await tableOf(page, "Life cycle");
    expect(life.rows.size).toBeGreaterThan(4);
    for (const [period, cells] of life.rows) {
      const row = expected.find((one) => one.period === period);
      expect([period, cells.slice(0, 4)]).toEqual([
        period,
        [row?.new, row?.resurrected, row?.returning, row?.dormant].map((figure) => written(figure?.count)),
      ]);
    }

    const answer = await ask<RetentionAnswer>(
      server,
      `/v1/retention?interval=${interval}&cohorts=${cohorts}`,
    );
    const known = answer.cohorts.filter(isKnown).toReversed();
    const retention = await tableOf(page, "Retention");
    expect([...retention.rows.keys()]).toEqual(known.map(({ cohort }) => cohort));
    for (const { cohort, size, periods: followed } of known) {
      expect([cohort, retention.rows.get(cohort)?.slice(0, followed.length + 1)]).toEqual([
        cohort,
        [written(size.count), ...followed.map(({ rate }) => written(rate))],
      ]);
    }
  }
  await choose("Interval of life cycle and retention", "Weeks");
});

test("the trends of a dimension's values are the API's", async () => {
  const values = ["acme", "borealis", "cedar", "dune", "ember"];
  const last = await Promise.all(
    values.map(async (value) => (await points("wau", `&tenant=${value}`)).at(-1)),
  );
  const chart = page.getByRole("slider", { name: "Active people by tenant" });
  const said = (await chart.getAttribute("aria-valuetext")) ?? "";
  for (const [index, value] of values.entries()) {
    expect(said).toMatch(new RegExp(`\\b${value} ${written(last[index]?.count)}(,|$)`));
  }
});

test("each chart is painted, in the colours of its legend", async () => {
  const charts = page.locator(".chart");
  expect(await charts.count()).toBe(7);
  for (const chart of await charts.all()) {
    const missing = await chart.evaluate((element) => {
      const canvas = element.querySelector("canvas") as HTMLCanvasElement;
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const painted = new Set<string>();
      for (let at = 0; at < data.length; at += 4)
        painted.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`);
      const legend = element.parentElement?.querySelectorAll(".readout .dot") ?? [];
      return Array.from(legend, (dot) => getComputedStyle(dot).backgroundColor).filter(
        (hue) => !painted.has(hue),
      );
    });
    expect(missing).toEqual([]);
  }
});

test("the split shows each value of a dimension with its share, and narrows the page to one", async () => {
  await askAgain();
  for (const [window, name] of [
    ["24h", "24 h"],
    ["7d", "7 days"],
  ] as const) {
    await choose("Window of the split", name);
    for (const dimension of ["platform", "tenant"]) {
      await page.getByLabel("Dimension").selectOption(dimension);
      await settled(page);
      const { windows } = await ask<ActiveAnswer>(server, `/v1/active?window=${window}&by=${dimension}`);
      const { rows } = await tableOf(page, "Who they are");
      const total = windows[0]?.count as number;
      expect([...rows]).toEqual(
        windows[0]?.groups?.map(({ value, count, low, high }) => [
          value,
          [count, low, high, Math.round((count / total) * 1000) / 10].map(written),
        ]),
      );
    }
  }

  await page.getByRole("button", { name: /^ember/ }).click();
  await settled(page);
  expect(new URL(page.url()).searchParams.get("only")).toBe("tenant:ember");
  const narrowed = (await ask<EngagementAnswer>(server, "/v1/engagement?tenant=ember"))
    .metrics[2] as EngagementRow;
  expect(await page.getByRole("region", { name: "Last 30 days" }).locator(".figure").textContent()).toBe(
    written(narrowed.count),
  );
  expect([...(await tableOf(page, "Active people")).rows.values()].map(([count]) => count)).toEqual(
    (await points("dau", "&tenant=ember")).map(({ count }) => written(count)).toReversed(),
  );
  const { cohorts } = await ask<RetentionAnswer>(
    server,
    "/v1/retention?interval=week&cohorts=10&tenant=ember",
  );
  expect([...(await tableOf(page, "Retention")).rows.values()].map(([count]) => count)).toEqual(
    cohorts
      .filter(isKnown)
      .map(({ size }) => written(size.count))
      .toReversed(),
  );
  expect(await page.getByRole("region", { name: "Growth" }).textContent()).toContain(
    "Remove the filter to see it",
  );
  expect(await page.getByRole("region", { name: "Who they are" }).textContent()).toContain(
    "can’t be combined",
  );
  await page.getByRole("button", { name: /remove this filter/ }).click();
  await settled(page);
  expect(new URL(page.url()).searchParams.has("only")).toBe(false);
});

test("a panel's table can be seen, and saved as CSV from the oldest day on; its chart as PNG", async () => {
  const { panel, columns, rows } = await tableOf(page, "Active people");
  await panel.getByRole("button", { name: "Table" }).click();
  expect(await panel.getByRole("columnheader", { name: "High" }).isVisible()).toBe(true);
  await panel.getByRole("button", { name: "Table" }).click();

  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    panel.getByRole("button", { name: "CSV" }).click(),
  ]);
  expect(csv.suggestedFilename()).toBe("demo-active-people.csv");
  const [head, ...lines] = (await readFile(await csv.path(), "utf8")).trimEnd().split("\r\n");
  expect(head).toBe(columns.join(","));
  expect(lines).toEqual(
    [...rows]
      .map(([date, cells]) => [date, ...cells.map((cell) => cell.replaceAll(/,/g, ""))].join())
      .toReversed(),
  );

  for (const title of ["Active people", "Retention"]) {
    const button = page
      .getByRole("region", { name: title, exact: true })
      .getByRole("button", { name: "PNG" });
    const [png] = await Promise.all([page.waitForEvent("download"), button.click()]);
    const bytes = await readFile(await png.path());
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(400);
  }
});

test("times are written in the chosen zone; the days stay the app's", async () => {
  const before = await tableOf(page, "Active people");
  const readout = page.getByRole("region", { name: "Active people", exact: true }).locator(".readout-when");
  await page.getByLabel(/Time zone/).selectOption("Asia/Tehran");
  await settled(page);
  // Midnight in New York is 7:30 or 8:30 in Tehran.
  expect(await readout.textContent()).toMatch(/\(from .*0[78]:30\)/);
  expect((await tableOf(page, "Active people")).rows).toEqual(before.rows);
  expect(await page.locator(".page-foot").textContent()).toContain(
    "Days follow the app’s time zone, America/New_York",
  );
  await page.getByLabel(/Time zone/).selectOption("America/New_York");
});

test("nothing of all this made the page complain", () => {
  expect(complaints).toEqual([]);
});
