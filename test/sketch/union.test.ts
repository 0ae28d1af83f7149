import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { decode, encode, HyperLogLog, SketchMismatchError } from "../../worker/sketch/index.ts";
import { expectBytes } from "../support/expect-bytes.ts";
import { keyId, randomEntries, randomSketch, randomWords, sketchOf } from "./random.ts";

/** Entries by the thousand around the limit of 3,072, overlapping, with some that share an address at other ranks. */
const entryLists = record({
  size: constantFrom(0, 1, 7, 100, 1500, 1536, 3071, 3072, 3073, 5000),
  seed: integer({ min: 1, max: 4 }),
  lowered: integer({ min: 0, max: 2 }),
}).map(({ size, seed, lowered }) => randomEntries(size, seed).map((entry) => lower(entry, lowered)));

/** The same address, with a rank that is lower by so much if there is one. */
function lower(entry: number, by: number): number {
  return (entry & 63) > by ? entry - by : entry;
}

function union(...sketches: HyperLogLog[]): HyperLogLog {
  return HyperLogLog.union(sketches, keyId);
}

test("union does not depend on order, on grouping or on repetition", () => {
  assert(
    property(entryLists, entryLists, entryLists, (first, second, third) => {
      const a = sketchOf(first);
      const b = sketchOf(second);
      const c = sketchOf(third);
      const whole = encode(union(a, b, c));
      expectBytes(encode(union(c, b, a)), whole);
      expectBytes(encode(union(a, union(b, c))), whole);
      expectBytes(encode(union(union(c, a), b, a)), whole);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test("a union is the sketch that saw everybody", () => {
  assert(
    property(array(entryLists, { maxLength: 5 }), (lists) => {
      const merged = union(...lists.map((list) => sketchOf(list)));
      expectBytes(encode(merged), encode(sketchOf(...lists)));
      expectBytes(encode(merged), encode(sketchOf(...lists.map((list) => list.toReversed()).toReversed())));
    }),
    { numRuns: 60, seed: 2 },
  );
});

test("merge says whether it changed anything, and leaves the other one alone", () => {
  assert(
    property(entryLists, entryLists, (first, second) => {
      const a = sketchOf(first);
      const b = sketchOf(second);
      const before = encode(a);
      const other = encode(b);
      const changed = a.merge(b);
      expect(changed).toBe(!isEqual(before, encode(a)));
      expectBytes(encode(b), other);
      expect(a.merge(b)).toBe(false);
    }),
    { numRuns: 60, seed: 3 },
  );
});

test("counting between merges and additions does not change what is counted in the end", () => {
  assert(
    property(array(entryLists, { minLength: 2, maxLength: 4 }), (lists) => {
      const counted = new HyperLogLog(keyId);
      for (const list of lists) {
        counted.merge(sketchOf(list));
        counted.count();
        for (const entry of randomEntries(50, list.length)) counted.add(entry);
      }
      const fresh = counted.isSparse
        ? sketchOf(counted.entries())
        : HyperLogLog.fromRegisters(counted.registers(), keyId);
      expect(counted.count()).toBe(fresh.count());
    }),
    { numRuns: 40, seed: 4 },
  );
});

test("merging registers of every rank is exact", () => {
  const random = randomWords(8);
  const rows = Array.from({ length: 4 }, () =>
    Uint8Array.from({ length: 16_384 }, () => (random() >>> 0) % 52),
  );
  const most = rows[0]!.map((_, register) => Math.max(...rows.map((row) => row[register]!)));
  const days = rows.map((row) => HyperLogLog.fromRegisters(row, keyId));
  expectBytes(union(...days.map((day) => decode(encode(day)))).registers(), most);
  expectBytes(union(...days).registers(), most);
});

test("sketches of different keys do not merge", () => {
  const mine = randomSketch(10, 1);
  for (const users of [0, 10, 5000]) {
    const foreign = new HyperLogLog(keyId + 1);
    for (const entry of randomEntries(users, 2)) foreign.add(entry);
    expect(() => mine.merge(foreign)).toThrow(SketchMismatchError);
    expect(() => HyperLogLog.union([mine, foreign], keyId)).toThrow(SketchMismatchError);
  }
  expect(mine.count()).toBeCloseTo(10, 3);
});

test("merging a sketch with itself changes nothing", () => {
  for (const users of [0, 100, 5000]) {
    const sketch = randomSketch(users, 1);
    const before = encode(sketch);
    expect(sketch.merge(sketch)).toBe(false);
    expectBytes(encode(sketch), before);
  }
});

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
