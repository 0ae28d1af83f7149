import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { ActivityBatch } from "../../worker/ingest/activity-batch.ts";
import { encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { seeded } from "../support/population.ts";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const now = Date.parse("2026-11-20T10:02:30Z");
const keyId = 1;

interface Visit {
  person: number;
  at: number;
}

/** A roll-up that has seen visits, each at the Worker as it happened or, late, at `now`. */
function rollUp(visits: readonly Visit[], entries: readonly number[], isLate = false): RollupState {
  const state = new RollupState(new MemoryStore(), keyId);
  const batch = new ActivityBatch(state.calendar, 1, "5m");
  for (const { person, at } of visits) {
    const user = { entry: entries[person] as number, shardHash: 0 };
    batch.add(user, at, { everyPeriod: [everyone], dayOnly: [] }, isLate ? now : at);
  }
  for (const { entries: seen, ...of } of batch.take().get(0) ?? []) {
    const sketch = new HyperLogLog(keyId);
    for (const entry of seen) sketch.add(entry);
    state.absorb([{ ...of, sketch: encode(sketch) }]);
  }
  return state;
}

function entriesOf(people: number, random: () => number): number[] {
  return Array.from({ length: people }, () => entryOf((random() * 2 ** 32) | 0, (random() * 2 ** 32) | 0));
}

const windows = [
  ["5m", 5 * minuteMs],
  ["1h", hourMs],
  ["24h", dayMs],
  ["7d", 7 * dayMs],
  ["30d", 30 * dayMs],
] as const;

test("rolling windows are as long as they say: without bias, and the truth lies within the bounds", () => {
  const errors = new Map<string, number[]>(windows.map(([name]) => [name, []]));
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    // Few come twice within a period: of those the later visit is the likelier to lie within the window.
    const people = 2500;
    const visits = Array.from({ length: 3000 }, () => ({
      person: Math.floor(random() * people),
      // Some of late, so that short windows hold somebody too; around each edge evenly.
      at: now - Math.floor(3 * random() * (windows[Math.floor(5 * random())]?.[1] ?? 0)),
    }));
    const state = rollUp(visits, entriesOf(people, random));
    for (const [name, lengthMs] of windows) {
      const truth = new Set(visits.filter(({ at }) => at >= now - lengthMs).map(({ person }) => person)).size;
      const told = state.count(now - lengthMs, now, now, { of: "everyone" }, "between");
      expect([told.from, told.to]).toEqual([now - lengthMs, now]);
      // Two of 2,500 people share an address in one world of twenty.
      const isWithin = (told.low ?? 0) <= truth && truth <= (told.high ?? 0) + 1;
      expect([name, seed, isWithin]).toEqual([name, seed, true]);
      errors.get(name)?.push((told.count ?? 0) / truth - 1);
    }
  }
  for (const [name, all] of errors) {
    const mean = all.reduce((sum, error) => sum + error, 0) / all.length;
    expect([name, Math.abs(mean) < 0.02]).toEqual([name, true]);
  }
});

test("the answer says between which edges it was interpolated", () => {
  const state = rollUp([{ person: 0, at: now - dayMs + minuteMs }], entriesOf(1, seeded(1)));
  const told = state.count(now - dayMs, now, now, { of: "everyone" }, "between");
  const edge = Date.parse("2026-11-19T10:00:00Z");
  expect(told.covers).toEqual({
    outer: { from: edge, to: now },
    inner: { from: edge + 5 * minuteMs, to: now },
  });
  expect([told.low, told.high]).toEqual([0, 1]);
  // Where the edges are kept as they were asked for there is nothing to interpolate.
  expect(state.count(edge, now, now, { of: "everyone" }, "between").covers).toBeUndefined();
});

test("late beats in the first period of a window as long as what is kept are in it", () => {
  const entries = entriesOf(8, seeded(3));
  for (const [lengthMs, widthMs] of [
    [32 * dayMs, hourMs],
    [50 * hourMs, 5 * minuteMs],
    [26 * hourMs, 5 * minuteMs],
  ] as const) {
    const start = Math.floor((now - lengthMs) / widthMs) * widthMs;
    const visits = [start, start + 1, now - lengthMs - 1, now - lengthMs].map((at, person) => ({
      person,
      at,
    }));
    const told = rollUp(visits, entries, true).count(now - lengthMs, now, now);
    expect([told.from, told.count]).toEqual([start, 4]);
  }
});

test("a day that is nearly over does not hold what clocks that run ahead say of tomorrow", () => {
  const almost = Date.parse("2026-11-20T23:58:00Z");
  const midnight = Date.parse("2026-11-21T00:00:00Z");
  const entries = entriesOf(2, seeded(4));
  const state = rollUp(
    [
      { person: 0, at: almost },
      { person: 1, at: midnight + 2 * minuteMs },
    ],
    entries,
  );
  expect(state.count(midnight - dayMs, midnight, almost).count).toBe(1);
  expect(state.count(almost - dayMs, almost, almost).count).toBe(2);
});

test("what was dropped stays unknown when more is kept from now on", () => {
  const entries = entriesOf(40, seeded(5));
  const visits = entries.map((_, person) => ({ person, at: now - person * dayMs }));
  const state = rollUp(visits, entries);
  state.settings.change({ retentionDays: 10 }, now);
  state.expire(now);
  state.settings.change({ retentionDays: 400 }, now);
  expect(state.count(now - 30 * dayMs, now, now)).toMatchObject({
    count: null,
    reason: expect.stringContaining("past retention"),
  });
  expect(state.count(now - 9 * dayMs, now, now).count).toBe(10);
});
