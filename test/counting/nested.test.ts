import fc from "fast-check";
import { expect, test } from "vitest";
import { atLeast, atMost, bySize, inLine, nested } from "../../worker/counting/nested.ts";
import { removedFrom } from "../../worker/counting/removed.ts";
import { RollupState, type WindowCount } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { engagement } from "../../worker/query/engagement.ts";
import { metricsSnapshot } from "../../worker/query/openmetrics.ts";
import { retention } from "../../worker/query/retention.ts";
import { timeseries } from "../../worker/query/timeseries.ts";
import { windowRows } from "../../worker/query/window-rows.ts";
import { encode } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { seeded } from "../support/population.ts";
import { keyId, randomEntries, sketchOf } from "../sketch/random.ts";

const counted = fc
  .tuple(fc.nat(50), fc.nat(50), fc.nat(50))
  .map((some) => some.toSorted((a, b) => a - b))
  .map(([low, count, high]) => ({ count: count!, low: low!, high: high! }));
const isInOrder = ({ low, count, high }: { low: number; count: number; high: number }) =>
  low <= count && count <= high;

test("of a part and a whole that are brought into line neither leaves its own interval", () => {
  fc.assert(
    fc.property(counted, counted, (part, whole) => {
      const [raised, lowered] = [atLeast(whole, part), atMost(part, whole)];
      expect(raised.count).toBe(Math.max(part.count, whole.count));
      expect(lowered.count).toBe(Math.min(part.count, whole.count));
      expect([isInOrder(raised), isInOrder(lowered)]).toEqual([true, true]);
      // What is in line already stays as it is.
      if (part.low <= whole.low && part.count <= whole.count) expect(raised).toEqual(whole);
      if (part.count <= whole.count && part.high <= whole.high) expect(lowered).toEqual(part);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test("a whole is raised to what is exact of its parts, and what is estimated of them gives way to it", () => {
  fc.assert(
    fc.property(counted, fc.array(counted, { maxLength: 4 }), (all, some) => {
      const { whole, parts } = inLine(all, some);
      expect([whole, ...parts].every(isInOrder)).toBe(true);
      for (const [index, part] of parts.entries()) {
        expect(part.count).toBeLessThanOrEqual(whole.count);
        if (some[index]!.low === some[index]!.high) expect(part).toEqual(some[index]);
      }
      if (some.every(({ low, high }) => low < high)) expect(whole).toEqual(all);
    }),
    { numRuns: 500, seed: 3 },
  );
});

const unknown = fc.constant({ count: null, low: null, high: null, reason: "past retention" });
const groups = fc.uniqueArray(
  fc.tuple(fc.constantFrom("web", "ios", "tv"), counted).map(([value, count]) => ({ value, ...count })),
  { selector: ({ value }) => value },
);
const aWindow = fc.oneof(
  { weight: 1, arbitrary: unknown.map((count) => ({ ...count, from: 0 })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(counted, groups)
      .map(([count, split]) => ({ ...count, from: 0, groups: split.toSorted(bySize) })),
  },
);

test("no window has fewer people than one that it holds, nor fewer of one value, and each stays in its place", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(aWindow, fc.nat(9)), { maxLength: 6 }), (drawn) => {
      const windows = drawn.map(([window, from]) => ({ ...window, from }));
      const all = nested(windows);
      expect(all.map(({ from, count }) => [from, count === null])).toEqual(
        windows.map(({ from, count }) => [from, count === null]),
      );
      for (const whole of all) {
        if (whole.count === null || !("groups" in whole)) continue;
        expect(isInOrder(whole)).toBe(true);
        expect(whole.groups.toSorted(bySize)).toEqual(whole.groups);
        for (const part of all) {
          if (part.count === null || !("groups" in part) || part.from <= whole.from) continue;
          expect(part.count).toBeLessThanOrEqual(whole.count);
          for (const { value, count } of part.groups) {
            const same = whole.groups.find((group) => group.value === value);
            expect(count).toBeLessThanOrEqual(same?.count ?? -1);
          }
        }
      }
      expect(nested(all)).toEqual(all);
    }),
    { numRuns: 500, seed: 2 },
  );
});

const dayMs = 86_400_000;
const midnight = Date.UTC(2026, 10, 20);
const days = 7;

/** Takes up who was there on a day, in each series, and who of them was removed. */
function absorb(state: RollupState, start: number, series: [string, Uint32Array][], gone: Set<number>): void {
  for (const [name, there] of series) {
    const removed = there.filter((entry) => gone.has(entry));
    const day = { kind: "day", start, end: start + dayMs } as const;
    state.absorb([
      { ...day, series: name, sketch: encode(sketchOf(there)) },
      { ...day, series: removedFrom(name), sketch: encode(sketchOf(removed)) },
    ]);
  }
}

/**
 * An app to which nearly all people come each day, nearly all by one platform, and of which many are removed: what was added
 * and what was removed are estimated apart, so that counts of nearly the same people can be in any order.
 */
function manyRemoved(seed: number): RollupState {
  const random = seeded(seed);
  const state = new RollupState(new MemoryStore(), keyId);
  const entries = randomEntries(6000 + 500 * seed, seed);
  // In every other world so few that of the whole they are estimated, and of the platform exact.
  const gone = new Set(entries.subarray(0, seed % 2 === 0 ? 3100 : 0.6 * entries.length));
  const onTv = new Set(entries.subarray(0, 40));
  for (let day = 0; day < days; day++) {
    const there = entries.filter(() => random() < 0.999);
    const series: [string, Uint32Array][] = [
      [everyone, there],
      ["platform=web", there.filter((entry) => !onTv.has(entry))],
      ["platform=tv", there.filter((entry) => onTv.has(entry))],
    ];
    absorb(state, midnight - (day + 1) * dayMs, series, gone);
  }
  return state;
}

const byPlatform = { of: "groups", dimension: "platform" } as const;

interface Split {
  count?: number | null | undefined;
  groups?: { value: string; count?: number | null | undefined }[] | undefined;
}

/** By how many people a part is more than the whole, or its like in a longer window. */
function excesses(windows: readonly Split[]): number[] {
  return windows.flatMap(({ count, groups: split = [] }, index) => {
    const longer = windows[index + 1];
    const like = (value: string) => longer?.groups?.find((group) => group.value === value)?.count ?? 0;
    return [
      ...split.map((group) => group.count! - count!),
      ...(longer === undefined ? [] : [count! - longer.count!]),
      ...(longer === undefined ? [] : split.map(({ value, count: of }) => of! - like(value))),
    ];
  });
}

test("in one answer no part of the people is more than the whole, also where many were removed", () => {
  let wouldBe = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const state = manyRemoved(seed);
    const counts: WindowCount[] = [1, 3, 7].map((length) =>
      state.count(midnight - length * dayMs, midnight, midnight, byPlatform, "between"),
    );
    wouldBe += excesses(counts).filter((excess) => excess > 0).length;
    const asked = [1, 3, 7].map((length) => ({ window: `${length}d`, from: 0, to: midnight }));
    expect(Math.max(...excesses(windowRows(asked, counts)))).toBeLessThanOrEqual(0);
    const rows = engagement(state, byPlatform, midnight).filter((row) => "window" in row);
    expect(Math.max(...excesses(rows))).toBeLessThanOrEqual(0);
    const gauges = metricsSnapshot(state, midnight, 0).active;
    expect(Math.max(...excesses(gauges))).toBeLessThanOrEqual(0);
    for (const metric of ["dau", "wau"] as const) {
      const question = { metric, from: midnight - 3 * dayMs, to: midnight, series: "", by: "platform" };
      for (const point of timeseries(state, question, midnight)) {
        expect(Math.max(...excesses([point]))).toBeLessThanOrEqual(0);
      }
    }
  }
  // Counts alone would break it.
  expect(wouldBe).toBeGreaterThan(0);
});

test("of new people and of a cohort no part is more than the whole, where nearly all of them have the value", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const state = new RollupState(new MemoryStore(), keyId);
    const [newADay, known] = [[3400, 500, 900][seed % 3]!, 6000];
    const entries = randomEntries(known + days * newADay, seed);
    const gone = new Set(entries.filter((_, person) => person % 5 === 0));
    const first = midnight - days * dayMs;
    // A Friday is the first day: all are of the weeks that end with the first two and with the last five of seven days.
    const weekOf = (day: number) => (day < 3 ? "2026-11-09" : "2026-11-16");
    for (let day = 0; day < days; day++) {
      const newOn = (of: number) => entries.subarray(known + of * newADay, known + (of + 1) * newADay);
      const there = entries.subarray(0, known + (day + 1) * newADay);
      const series: [string, Uint32Array][] = [
        [everyone, there],
        ["platform=web", there],
        ["week=older", entries.subarray(0, known)],
      ];
      for (let of = 0; of <= day; of++) {
        series.push([`cohort=${new Date(first + of * dayMs).toISOString().slice(0, 10)}`, newOn(of)]);
      }
      for (const week of new Set([weekOf(0), weekOf(day)])) {
        const isIn = Array.from({ length: day + 1 }, (_, of) => of).filter((of) => weekOf(of) === week);
        series.push([
          `week=${week}`,
          entries.subarray(known + isIn[0]! * newADay, known + (isIn.at(-1)! + 1) * newADay),
        ]);
      }
      absorb(state, first + day * dayMs, series, gone);
    }
    const question = { metric: "new", from: first, to: midnight, series: "", by: "platform" } as const;
    expect(Math.max(...timeseries(state, question, midnight - 1).flatMap((point) => excesses([point])))).toBe(
      0,
    );
    const asked = { interval: "week", cohorts: 2, periods: 2, scope: byPlatform } as const;
    for (const { size, periods, groups: parts = [] } of retention(state, asked, midnight - 1)) {
      for (const part of parts) {
        expect(part.size.count).toBeLessThanOrEqual(size.count!);
        for (const { period, count } of part.periods) {
          expect(count).toBeLessThanOrEqual(Math.min(part.size.count!, periods[period]!.count!));
        }
      }
    }
  }
});
