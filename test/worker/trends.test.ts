import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;

interface Row {
  [member: string]: unknown;
}

async function ask(app: AppClient, path: string): Promise<Record<string, Row[]>> {
  const response = await app.fetch(path, {}, "read");
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

const dateOf = (daysAgo: number) => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);

/** 40 people: person n signed up n days ago and comes every third day since. */
async function populated(
  name: string,
): Promise<{ app: AppClient; activeOn: (daysAgo: number) => Set<string> }> {
  const app = new AppClient(name);
  const now = Date.now();
  const byDay = new Map<number, Set<string>>();
  const beats = people(40).flatMap((user, signUp) =>
    Array.from({ length: Math.floor(signUp / 3) + 1 }, (_, visit) => signUp - visit * 3).map((daysAgo) => {
      byDay.set(daysAgo, (byDay.get(daysAgo) ?? new Set()).add(user));
      return { user, at: now - daysAgo * dayMs, since: dateOf(signUp) };
    }),
  );
  await app.import(beats);
  return { app, activeOn: (daysAgo) => byDay.get(daysAgo) ?? new Set() };
}

function union(sets: Set<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

test("engagement says dau, wau, mau, their ratios and the growth of each", async () => {
  const { app } = await populated("engagement");
  const { metrics } = await ask(app, "/v1/engagement?fresh=1");
  expect(metrics?.map(({ metric }) => metric)).toEqual([
    "dau",
    "wau",
    "mau",
    "dauWau",
    "dauMau",
    "wauMau",
    "stickiness",
  ]);
  const row = (metric: string) => metrics?.find((one) => one["metric"] === metric) as Row;
  const [dau, mau] = [row("dau")["count"] as number, row("mau")["count"] as number];
  expect(row("dauMau")["value"]).toBe(Number((dau / mau).toFixed(4)));
  expect(row("stickiness")["value"]).toBe(Number(((dau / mau) * 100).toFixed(2)));
  const previous = (row("dau")["previous"] as Row)["count"] as number;
  expect(row("dau")["growth"]).toBe(Math.round(((dau - previous) / previous) * 10_000) / 100);
});

test("a time series gives each day's dau, wau and mau", async () => {
  const { app, activeOn } = await populated("series");
  for (const [metric, width] of [
    ["dau", 1],
    ["wau", 7],
    ["mau", 30],
  ] as const) {
    const { points } = await ask(app, `/v1/timeseries?fresh=1&metric=${metric}&from=${dateOf(35)}`);
    expect(points).toHaveLength(36);
    for (const [index, point] of (points ?? []).entries()) {
      const daysAgo = 35 - index;
      const exact = union(Array.from({ length: width }, (_, back) => activeOn(daysAgo + back))).size;
      expect([point["date"], point["count"]]).toEqual([dateOf(daysAgo), exact]);
      expect(point["closed"]).toBe(daysAgo > 0);
    }
  }
});

test("a time series says how many are new, and what is before the first activity is unknown", async () => {
  const { app } = await populated("new");
  const { points } = await ask(app, `/v1/timeseries?fresh=1&metric=new&from=${dateOf(50)}`);
  const counts = Object.fromEntries((points ?? []).map(({ date, count }) => [date, count]));
  expect(counts[dateOf(0)]).toBe(1);
  expect(counts[dateOf(30)]).toBe(1);
  expect(counts[dateOf(45)]).toBeNull();
});

test("a time series splits by a dimension", async () => {
  const app = new AppClient("series-split");
  await app.set({ dimensions: ["plan"] });
  await app.beat(
    { user: "a", dimensions: { plan: "free" } },
    { user: "b", dimensions: { plan: "paid" } },
    { user: "c", dimensions: { plan: "paid" } },
  );
  const { points } = await ask(app, "/v1/timeseries?fresh=1&by=plan");
  const groups = points?.at(-1)?.["groups"] as { value: string; count: number }[];
  expect(groups.toSorted((a, b) => a.count - b.count)).toMatchObject([
    { value: "free", count: 1 },
    { value: "paid", count: 2 },
  ]);
  const filtered = await ask(app, "/v1/timeseries?fresh=1&metric=stickiness&plan=paid");
  expect(filtered["points"]?.at(-1)?.["percent"]).toBe(100);
});

test("retention says how many of each day's new people came back", async () => {
  const { app } = await populated("retention");
  const { cohorts } = await ask(app, "/v1/retention?fresh=1&interval=day&cohorts=10&periods=8");
  expect(cohorts).toHaveLength(10);
  for (const row of cohorts ?? []) {
    expect(row["size"]).toMatchObject({ count: 1, low: 1, high: 1 });
    for (const { period, count, rate } of row["periods"] as {
      period: number;
      count: number;
      rate: number;
    }[]) {
      expect([row["cohort"], period, count]).toEqual([row["cohort"], period, period % 3 === 0 ? 1 : 0]);
      expect(rate).toBe(count * 100);
    }
  }
});

test("lifecycle tells new, returning, resurrected and dormant people apart", async () => {
  const { app, activeOn } = await populated("lifecycle");
  const { periods } = await ask(app, "/v1/lifecycle?fresh=1&interval=day&periods=20");
  expect(periods).toHaveLength(20);
  for (const [index, row] of (periods ?? []).entries()) {
    const daysAgo = 19 - index;
    const [is, was] = [activeOn(daysAgo), activeOn(daysAgo + 1)];
    const count = (name: string) => (row[name] as { count: number | null }).count;
    const returning = [...is].filter((user) => was.has(user)).length;
    expect([row["period"], count("new"), count("returning"), count("resurrected"), count("dormant")]).toEqual(
      [dateOf(daysAgo), 1, returning, is.size - returning - 1, was.size - returning],
    );
  }
});

test("engagement splits by a dimension, and a lifecycle is told of a part", async () => {
  const app = new AppClient("parts");
  await app.set({ dimensions: ["plan"] });
  const now = Date.now();
  const [paid, free] = [{ plan: "paid" }, { plan: "free" }];
  const since = "2026-01-01";
  await app.import([
    { user: "a", dimensions: paid, at: now - dayMs, since },
    { user: "a", dimensions: paid, at: now, since },
    { user: "b", dimensions: paid, at: now - dayMs, since },
    { user: "c", dimensions: free, at: now, since },
  ]);
  const { metrics } = await ask(app, "/v1/engagement?fresh=1&by=plan");
  const mau = metrics?.find(({ metric }) => metric === "mau");
  expect(mau).toMatchObject({
    count: 3,
    groups: [
      { value: "paid", count: 2 },
      { value: "free", count: 1 },
    ],
  });
  const { periods } = await ask(app, "/v1/lifecycle?periods=1&plan=paid");
  expect(periods?.[0]).toMatchObject({
    followed: 1,
    new: { count: 0 },
    returning: { count: 1 },
    dormant: { count: 1 },
  });
});

test("where first days are told of less than 90 % of the people nothing is told of who is new", async () => {
  const app = new AppClient("unfollowed");
  const now = Date.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const beats = (followed: number) =>
    Array.from({ length: 20 }, (_, index) => ({
      user: `user-${index}`,
      at: now,
      ...(index < followed && { since: index < 5 ? today : "2025-12-01" }),
    }));
  await app.import(beats(17));
  const lifecycle = async () => (await ask(app, "/v1/lifecycle?fresh=1&periods=1")).periods?.[0];
  const trend = async () => (await ask(app, "/v1/timeseries?metric=new")).points?.at(-1);
  const cohort = async () => (await ask(app, "/v1/retention?interval=day&cohorts=1")).cohorts?.[0];
  const unknown = { count: null, reason: expect.stringContaining("85 %") };
  expect(await lifecycle()).toMatchObject({ followed: 0.85, new: unknown, resurrected: unknown });
  expect(await trend()).toMatchObject({ followed: 0.85, ...unknown });
  expect(await cohort()).toMatchObject({ followed: 0.85, size: unknown });
  await app.import(beats(18));
  expect(await lifecycle()).toMatchObject({ followed: 0.9, new: { count: 5 } });
  expect(await trend()).toMatchObject({ followed: 0.9, count: 5 });
  expect(await cohort()).toMatchObject({ followed: 0.9, size: { count: 5 } });
});

test("online counts those of the last five minutes", async () => {
  const app = new AppClient("online");
  await app.beat({ user: "now" }, { user: "before", at: Date.now() - 30 * 60_000 });
  const { windows } = await ask(app, "/v1/online?fresh=1");
  expect(windows?.[0]).toMatchObject({ window: "5m", count: 1 });
});

test("an answer that did not change is 304, and a period that is closed for good may be kept", async () => {
  const { app } = await populated("etag");
  const path = `/v1/active?fresh=1&from=${dateOf(30)}&to=${dateOf(20)}`;
  const first = await app.fetch(path);
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"[0-9a-f]{24}"$/);
  expect(first.headers.get("cache-control")).toContain("immutable");
  const second = await app.fetch(path, { headers: { "if-none-match": etag } });
  expect([second.status, await second.text()]).toEqual([304, ""]);
  const running = await app.fetch("/v1/active");
  expect(running.headers.get("cache-control")).toBe("private, no-cache");
});

test("a split that is too much for its days is refused with how many would do", async () => {
  const app = new AppClient("wide-split");
  await app.set({ dimensions: ["page"] });
  const beats = Array.from({ length: 300 }, (_, page) => ({ user: "a", dimensions: { page: `p-${page}` } }));
  await app.import(beats);
  const { points } = await ask(app, "/v1/timeseries?fresh=1&by=page");
  expect(points?.at(-1)?.["groups"]).toHaveLength(300);
  const refused = await problem(app.fetch(`/v1/timeseries?by=page&from=${dateOf(80)}`));
  expect(refused).toMatchObject({ status: 400, detail: expect.stringContaining("at most 66 days") });
  await ask(app, `/v1/timeseries?page=p-7&from=${dateOf(80)}`);
});

test("a question that can't be answered is refused in words", async () => {
  const app = new AppClient("refused");
  await app.set({ dimensions: ["plan"] });
  for (const path of [
    "/v1/engagement?by=colour",
    "/v1/lifecycle?by=plan",
    "/v1/timeseries?metric=yau",
    "/v1/timeseries?from=2026-02-30",
    `/v1/timeseries?from=${dateOf(1)}&to=${dateOf(2)}`,
    "/v1/timeseries?from=2001-01-01",
    "/v1/retention?interval=month",
    "/v1/retention?cohorts=36",
    "/v1/retention?cohorts=0",
    "/v1/retention?colour=red",
    "/v1/power?days=1",
    "/v1/power?days=32",
    "/v1/power?by=plan",
    "/v1/power?to=2999-01-01",
    "/v1/growth?plan=free",
    "/v1/growth?interval=month",
    "/v1/growth?periods=0",
    "/v1/lifecycle?periods=many",
    "/v1/lifecycle?colour=red",
    "/v1/online?window=5m",
  ]) {
    const response = await app.fetch(path);
    expect([path, response.status]).toEqual([path, 400]);
    const { detail } = await response.json<{ detail: string }>();
    expect(detail.length).toBeGreaterThan(15);
  }
});
