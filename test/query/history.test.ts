import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { periodAt } from "../../worker/counting/periods.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone, seriesOf } from "../../worker/counting/series.ts";
import { beatSeries } from "../../worker/ingest/beat-series.ts";
import { askedWindows } from "../../worker/query/asked-windows.ts";
import { timeseries } from "../../worker/query/timeseries.ts";
import { encode, entryOf, HyperLogLog, SipHasher } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";

const keyId = 1;
const dayMs = 86_400_000;
const now = Date.parse("2026-11-20T10:02:00Z");
const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
const hasher = new SipHasher(new Uint8Array(16));

/** What a shard would push of people who were active at `at` and first appeared on `since`. */
function push(rollup: RollupState, people: readonly string[], at: number, since?: string): void {
  const sketch = new HyperLogLog(keyId);
  for (const person of people) {
    const words = new Uint32Array(2);
    hasher.hash(person, words);
    sketch.add(entryOf(words[0] as number, words[1] as number));
  }
  const first =
    since === undefined ? [] : [seriesOf("cohort", since), seriesOf("week", calendar.weekOf(since))];
  const series = [everyone, ...first];
  for (const name of series) {
    rollup.absorb([{ ...calendar.dayAt(at), series: name, sketch: encode(sketch) }]);
    rollup.absorb([{ ...periodAt("hour", at), series: name, sketch: encode(sketch) }]);
  }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}`);
const question = (daysAgo: number) => ({ from: now - daysAgo * dayMs, to: now, series: everyone, by: null });

function counts(rollup: RollupState, metric: "dau" | "wau" | "mau" | "new", at: number): (number | null)[] {
  return timeseries(rollup, { metric, ...question(60), to: at }, at).map(
    (point) => point["count"] as number | null,
  );
}

test("a trend outlives the sketches it was made of", () => {
  const rollup = new RollupState(new MemoryStore(), keyId);
  rollup.settings.change({ retentionDays: 20 }, now);
  for (let ago = 60; ago >= 1; ago--) {
    push(rollup, names(ago), now - ago * dayMs, calendar.dateAt(now - ago * dayMs));
  }
  // As the hourly alarm would have done on each of those days.
  rollup.settings.change({ retentionDays: 400 }, now);
  rollup.recordHistory(now);
  const before = {
    dau: counts(rollup, "dau", now),
    mau: counts(rollup, "mau", now),
    new: counts(rollup, "new", now),
  };
  rollup.settings.change({ retentionDays: 20 }, now);
  rollup.expire(now);
  expect(rollup.firstDay()).toBeGreaterThan(now - 22 * dayMs);
  expect(counts(rollup, "dau", now)).toEqual(before.dau);
  // Today is not closed, and its month reaches over what is kept.
  expect(counts(rollup, "mau", now)).toEqual([...before.mau.slice(0, -1), null]);
  expect(counts(rollup, "new", now)).toEqual(before.new);
  // The point of 60 days ago: 60 people were there, and its month began before anything was.
  expect(before.dau[0]).toBe(60);
  // A part of them was not kept, so of that nothing is known.
  const part = timeseries(rollup, { metric: "dau", ...question(60), series: "plan=free" }, now);
  expect(part[0]).toMatchObject({ count: null, reason: expect.stringContaining("past retention") });
});

test("a beat that comes late changes the days that it belongs to", () => {
  const store = new MemoryStore();
  const rollup = new RollupState(store, keyId);
  for (let ago = 10; ago >= 1; ago--) push(rollup, ["a"], now - ago * dayMs);
  rollup.recordHistory(now);
  const kept = () => store.dayRows(0, now).map(({ dau, wau }) => [dau.count, wau.count]);
  expect(kept()).toEqual(Array.from({ length: 10 }, () => [1, 1]));
  push(rollup, ["b"], now - 5 * dayMs);
  rollup.recordHistory(now);
  expect(kept()).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
    [2, 2],
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test("today is no row of history", () => {
  const store = new MemoryStore();
  const rollup = new RollupState(store, keyId);
  push(rollup, ["a"], now);
  rollup.recordHistory(now);
  expect(store.dayRows(0, now)).toEqual([]);
  rollup.recordHistory(now + dayMs);
  expect(store.dayRows(0, now).map(({ date }) => date)).toEqual(["2026-11-20"]);
});

test("somebody is of one cohort whichever beat tells of it, and an old one is followed by its week alone", () => {
  const series = (since: string) => {
    const read = beatSeries(
      { at: now, since },
      { dimensions: [], facts: {}, calendar, isLenient: false, ignore: () => {} },
    );
    return read.ok ? read.value.dayOnly : [];
  };
  expect(series("2026-11-21")).toEqual(["cohort=2026-11-21", "week=2026-11-16"]);
  expect(series("2026-11-15")).toEqual(["cohort=2026-11-15", "week=2026-11-09"]);
  expect(series("2026-01-01")).toEqual(["week=2025-12-29"]);
  expect([series("2024-01-01"), series("0001-01-01")]).toEqual([["week=older"], ["week=older"]]);
});

test("windows are asked by instants of any zone, and by days of the app's", () => {
  const berlin = new Calendar([{ from: 0, zone: "Europe/Berlin" }]);
  const from = (query: string) => {
    const asked = askedWindows(new URLSearchParams(query), now, berlin);
    return asked.ok ? asked.value[0]?.from : asked.error;
  };
  const at = Date.parse("2026-11-19T09:00:00Z");
  for (const text of [at, "2026-11-19T09:00Z", "2026-11-19T10:00:00%2B01:00", "2026-11-19T10:00:00+01:00"]) {
    expect([text, from(`since=${text}`)]).toEqual([text, at]);
    expect([text, from(`from=${text}`)]).toEqual([text, at]);
  }
  expect(from("from=2026-11-19")).toBe(Date.parse("2026-11-18T23:00:00Z"));
  expect(from("since=1795000000")).toBe("since: looks like seconds: expected milliseconds");
  expect(from("from=2026-02-30")).toContain("from: expected a day that exists");
  expect(from("since=2026-02-30T10:00:00Z")).toContain("since: expected a day and a time that exist");
});
