import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { AppClient, people } from "./client.ts";

const dayMs = 86_400_000;

test("a person who beats on several devices and days is one person in each window", async () => {
  const app = new AppClient("dedupe");
  const now = Date.now();
  await app.beat({ user: "a" }, { user: "a", via: "manual" }, { user: "a", at: now - 3 * dayMs });
  await app.beat({ user: "b", at: now - 3 * dayMs });
  expect((await app.active("fresh=1")).windows.map(({ window, count }) => [window, count])).toEqual([
    ["24h", 1],
    ["7d", 2],
    ["30d", 2],
  ]);
});

test("an anonymous installation and a user of the same text are two", async () => {
  const app = new AppClient("spaces");
  await app.beat({ user: "x" }, { anonymous: "x" });
  expect(await app.count("window=24h")).toBe(2);
});

test("apps do not see each other", async () => {
  const [one, two] = [new AppClient("one"), new AppClient("two")];
  await one.beat({ user: "a" });
  expect(await one.count("window=24h")).toBe(1);
  expect(await two.count("window=24h")).toBeNull();
});

test("without fresh=1 the alarm brings what was acknowledged to the roll-up", async () => {
  const app = new AppClient("alarm");
  await app.beat({ user: "a" });
  expect(await runDurableObjectAlarm(await app.shard())).toBe(true);
  expect((await app.active("window=24h")).windows[0]?.count).toBe(1);
  expect(await runDurableObjectAlarm(await app.shard())).toBe(false);
});

test("what was acknowledged outlives the eviction of its shard and its roll-up", async () => {
  const app = new AppClient("evicted");
  await app.beat(...people(100).map((user) => ({ user })));
  await evictDurableObject(await app.shard());
  expect(await app.count("window=24h")).toBe(100);
  await evictDurableObject(await app.rollup());
  expect(await app.count("window=24h")).toBe(100);
  await app.beat(...people(100).map((user) => ({ user })));
  expect(await app.count("window=24h")).toBe(100);
});

test("a shard that was evicted before its alarm still pushes on it", async () => {
  const app = new AppClient("evicted-alarm");
  await app.beat({ user: "a" });
  await evictDurableObject(await app.shard());
  expect(await runDurableObjectAlarm(await app.shard())).toBe(true);
  expect((await app.active("window=24h")).windows[0]?.count).toBe(1);
});

test("raising the number of shards changes no count", async () => {
  const app = new AppClient("elastic");
  await app.beat(...people(120).map((user) => ({ user })));
  await app.set({ shards: 8 });
  await app.beat(...people(120, 60).map((user) => ({ user })));
  expect(await app.count("window=24h")).toBe(180);
  await app.set({ shards: 1 });
  expect(await app.count("window=24h")).toBe(180);
});

test("20,000 people sent in two orders are counted within the interval that is stated", async () => {
  const app = new AppClient("many");
  const beats = people(20_000).map((user) => ({ user }));
  expect(await app.import(beats)).toEqual({ accepted: 20_000, rejected: 0, errors: [] });
  const [before] = (await app.active("window=24h&fresh=1")).windows;
  await app.import(beats.toReversed());
  const [after] = (await app.active("window=24h&fresh=1")).windows;
  expect(after?.count).toBe(before?.count);
  expect(after?.low).toBeLessThanOrEqual(20_000);
  expect(after?.high).toBeGreaterThanOrEqual(20_000);
  expect(Math.abs((after?.count ?? 0) / 20_000 - 1)).toBeLessThan(0.036);
});

test("activity counts on the day on which it happened, in the app's time zone", async () => {
  const app = new AppClient("kathmandu");
  await app.set({ timeZone: "Asia/Kathmandu" });
  // 18:15 UTC is midnight in Kathmandu.
  const day = new Date(Date.now() - 60 * dayMs).toISOString().slice(0, 10);
  const midnight = Date.parse(`${day}T18:15:00Z`);
  await app.import([
    { user: "before", at: midnight - 1 },
    { user: "after", at: midnight },
    { user: "after", at: midnight + dayMs - 1 },
    { user: "next", at: midnight + dayMs },
  ]);
  const date = (at: number) =>
    new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Kathmandu", dateStyle: "short" }).format(at);
  expect(await app.count(`period=day&date=${date(midnight)}`)).toBe(1);
  expect(await app.count(`from=${date(midnight)}&to=${date(midnight + 2 * dayMs)}`)).toBe(2);
  expect(await app.count(`from=${date(midnight - 1)}&to=${date(midnight + 2 * dayMs)}`)).toBe(3);
});

test("a change of time zone loses no activity that was cut in the old one", async () => {
  const app = new AppClient("moving");
  const now = Date.now();
  await app.import(people(30).map((user, index) => ({ user, at: now - index * dayMs })));
  const before = await app.count("window=40d");
  await app.set({ timeZone: "America/New_York" });
  await app.import(people(30).map((user, index) => ({ user, at: now - index * dayMs })));
  expect(await app.count("window=40d")).toBe(before);
  expect(before).toBe(30);
});

test("`since` includes its own instant", async () => {
  const app = new AppClient("since");
  const at = Date.now() - 10 * 60_000;
  await app.beat({ user: "a", at });
  expect(await app.count(`since=${at}`)).toBe(1);
  expect(await app.count("since=0")).toBe(1);
  expect(await app.count(`since=${at + 6 * 60_000}`)).toBe(0);
});

test("a closed window counts only what lies in it", async () => {
  const app = new AppClient("closed");
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 5 * dayMs;
  await app.beat(
    { user: "a", at: hour },
    { user: "b", at: hour + 3_599_999 },
    { user: "c", at: hour + 3_600_000 },
  );
  expect(await app.count(`from=${hour}&to=${hour + 3_600_000}`)).toBe(2);
});

test("what lies before the first activity is unknown, not nought", async () => {
  const app = new AppClient("young");
  await app.beat({ user: "a" });
  const { windows } = await app.active("fresh=1&from=2025-01-01&to=2025-02-01");
  expect(windows[0]).toMatchObject({ count: null, low: null, high: null });
  expect(windows[0]?.reason).toMatch(/retention|before the first activity/);
});
