import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { maxCachedBytes } from "../../worker/limits.ts";
import { encode } from "../../worker/sketch/index.ts";
import { keyId, randomEntries, randomSketch, sketchOf } from "../sketch/random.ts";
import { MemoryStore } from "../support/memory-store.ts";

const dayMs = 86_400_000;
const days = 46;
const now = days * dayMs;

/** A roll-up that had so many people on each of some days, the same as `dailyUsers` random entries of the day. */
function rollupOf(dailyUsers: number): RollupState {
  const state = new RollupState(new MemoryStore(), keyId);
  state.absorb(
    Array.from({ length: days }, (_, day) => ({
      kind: "day" as const,
      series: everyone,
      start: day * dayMs,
      end: (day + 1) * dayMs,
      sketch: encode(randomSketch(dailyUsers, day)),
    })),
  );
  return state;
}

/** Asks for every stretch of days, the shortest first. Returns the counts. */
function askAll(state: RollupState): (number | null)[] {
  const counts: (number | null)[] = [];
  for (let length = 1; length <= days; length++) {
    for (let day = 0; day + length <= days; day++) {
      counts.push(state.count(day * dayMs, (day + length) * dayMs, now).count);
    }
  }
  return counts;
}

const stretches = (days * (days + 1)) / 2;

test("unions of small sketches are ready again, however many they are", () => {
  const state = rollupOf(3);
  const counts = askAll(state);
  expect(state.unionCounts).toEqual({ hits: 0, unions: stretches });
  expect(askAll(state)).toEqual(counts);
  expect(state.unionCounts).toEqual({ hits: stretches, unions: stretches });
  const all = new Set(Array.from({ length: days }, (_, day) => [...randomEntries(3, day)]).flat());
  expect(counts.at(-1)).toBe(all.size);
});

test("of unions of large sketches no more are kept than there is room for, those that were asked for last, and each counts right", () => {
  const state = rollupOf(4000);
  const counts = askAll(state);
  // What was asked for last is ready, in whatever order it is asked for again.
  const room = Math.floor(maxCachedBytes.unions / 20_000);
  expect(stretches).toBeGreaterThan(room);
  for (let length = days; length > days - 20; length--) {
    for (let day = 0; day + length <= days; day++) {
      state.count(day * dayMs, (day + length) * dayMs, now);
    }
  }
  expect(state.unionCounts).toEqual({ hits: (20 * 21) / 2, unions: stretches });
  // What was asked for first isn't, and is counted the same.
  expect(state.count(0, dayMs, now).count).toBe(counts[0]);
  expect(state.unionCounts.unions).toBe(stretches + 1);
  expect(askAll(state)).toEqual(counts);
  const large = sketchOf(...Array.from({ length: days }, (_, day) => randomEntries(4000, day)));
  const { pieces } = state.cover(0, now, state.present(now, { of: "everyone" }));
  expect(encode(state.people(pieces, everyone).added)).toEqual(encode(large));
});
