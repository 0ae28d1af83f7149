import fc from "fast-check";
import { expect, test } from "vitest";
import { People } from "../../worker/counting/people.ts";
import { countOf, encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { keyId, randomEntries, sketchOf } from "../sketch/random.ts";

const entries = randomEntries(200, 1);
const nobody = () => new HyperLogLog(keyId);

/** The people with these numbers, and of them those who were removed. */
function peopleOf(added: readonly number[], removed: readonly number[] = []): People {
  const sketch = (some: readonly number[]) => sketchOf(some.map((person) => entries[person] as number));
  return new People(sketch(added), sketch(removed));
}

const numbers = fc.uniqueArray(fc.nat(199));

test("of few people those who were removed are taken off exactly", () => {
  fc.assert(
    fc.property(numbers, fc.nat(200), (added, kept) => {
      const people = peopleOf(added, added.slice(kept));
      const count = Math.min(kept, added.length);
      expect(people.counted()).toEqual({ count, low: count, high: count });
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("a union has whoever was added, and removed, in one of the sets, and leaves these as they are", () => {
  const one = fc.tuple(numbers, fc.nat(200)).map(([added, kept]) => ({ added, removed: added.slice(kept) }));
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), (sets) => {
      const parts = sets.map(({ added, removed }) => peopleOf(added, removed));
      const bytes = () => parts.map(({ added, removed }) => [encode(added), encode(removed)]);
      const before = bytes();
      const { added, removed } = People.union(parts, keyId);
      expect(countOf(added).count).toBe(new Set(sets.flatMap((set) => set.added)).size);
      expect(countOf(removed).count).toBe(new Set(sets.flatMap((set) => set.removed)).size);
      expect(bytes()).toEqual(before);
    }),
    { numRuns: 100, seed: 2 },
  );
});

test("where nobody was removed a set counts as its sketch does", () => {
  const sketch = sketchOf(randomEntries(20_000, 3));
  expect(new People(sketch, nobody()).counted()).toEqual(countOf(sketch));
});

test("of many people 95 % of the intervals hold how many are left, and none begins below nobody", () => {
  const worlds = 150;
  for (const [all, gone] of [
    [10_000, 2500],
    [4000, 3990],
  ] as const) {
    let held = 0;
    let sum = 0;
    for (let seed = 0; seed < worlds; seed++) {
      const words = randomEntries(all, 1000 + seed);
      const { count, low, high } = new People(sketchOf(words), sketchOf(words.subarray(0, gone))).counted();
      expect(0 <= low && low <= count && count <= high).toBe(true);
      if (low <= all - gone && all - gone <= high) held++;
      sum += count - (all - gone);
    }
    // The two errors go the same way more often than not, so intervals that take them as independent are wide.
    expect(held / worlds).toBeGreaterThanOrEqual(0.93);
    expect(Math.abs(sum / worlds)).toBeLessThan(0.003 * all);
  }
});

test("who counts more removed than added counts nobody", () => {
  expect(peopleOf([1], [1, 2, 3]).counted()).toEqual({ count: 0, low: 0, high: 0 });
});
