import { expect, test } from "vitest";
import { countOf, HyperLogLog, interval, relativeStandardError } from "../../worker/sketch/index.ts";
import { improvedEstimate } from "../../worker/sketch/improved-estimator.ts";
import { keyId, randomSketch } from "./random.ts";

test("the estimate agrees with the formula over single registers", () => {
  // Ertl's estimator written as the sum it abbreviates, for registers that are neither untouched nor at their end.
  const histogram = new Uint16Array(52);
  histogram[1] = 4000;
  histogram[2] = 6384;
  histogram[3] = 4000;
  histogram[9] = 2000;
  const sum = 4000 / 2 + 6384 / 4 + 4000 / 8 + 2000 / 512;
  expect(improvedEstimate(histogram)).toBeCloseTo(16_384 ** 2 / (2 * Math.LN2) / sum, 6);
});

test("the estimate is 0 for untouched registers and grows with every register", () => {
  const histogram = new Uint16Array(52);
  histogram[0] = 16_384;
  let before = improvedEstimate(histogram);
  expect(before).toBe(0);
  for (let rank = 0; rank < 51; rank++) {
    for (const moved of [1, 8191, 8192]) {
      histogram[rank] = histogram[rank]! - moved;
      histogram[rank + 1] = histogram[rank + 1]! + moved;
      const estimate = improvedEstimate(histogram);
      expect(estimate).toBeGreaterThan(before);
      before = estimate;
    }
  }
  expect(before).toBe(Number.POSITIVE_INFINITY);
});

function percent(users: number): string {
  return (100 * relativeStandardError(users)).toFixed(2);
}

test("the standard error is that of the table in the docs", () => {
  expect([1000, 10_000, 41_000, 100_000, 1_000_000, 1e9, 1e12].map(percent)).toEqual([
    "0.56",
    "0.58",
    "0.67",
    "0.75",
    "0.80",
    "0.81",
    "0.81",
  ]);
});

test("bounds of a dense sketch lie around its count and widen with z", () => {
  for (const users of [3400, 5000, 41_000, 300_000]) {
    const sketch = randomSketch(users, users);
    const { count, low, high } = countOf(sketch);
    expect([count, low, high].every(Number.isInteger)).toBe(true);
    expect(low).toBeLessThan(count);
    expect(high).toBeGreaterThan(count);
    expect((high - low) / count / 2 / relativeStandardError(users)).toBeCloseTo(1.96, 1);
    const certain = interval(sketch, 2.576);
    expect(certain.low).toBeLessThan(low);
    expect(certain.high).toBeGreaterThan(high);
    expect(interval(sketch, 0)).toEqual({ low: sketch.count(), high: sketch.count() });
  }
});

test("a dense sketch counts at least 3,073, as no smaller one becomes dense", () => {
  // Some of 3,073 hashes share an address once in a while; such a sketch is still sparse.
  const dense = Array.from({ length: 320 }, (_, seed) => randomSketch(3073, seed)).filter(
    (sketch) => !sketch.isSparse,
  );
  let [raw, clamped, below] = [0, 0, 0];
  for (const sketch of dense) {
    const { count, low, high } = countOf(sketch);
    expect(low).toBeGreaterThanOrEqual(3073);
    expect(low).toBeLessThanOrEqual(count);
    expect(count).toBeLessThanOrEqual(high);
    if (sketch.count() < 3072.5) {
      below++;
      expect(count).toBe(3073);
    }
    raw += (sketch.count() / 3073 - 1) ** 2;
    clamped += (count / 3073 - 1) ** 2;
  }
  expect(below).toBeGreaterThan(100);
  expect(Math.sqrt(raw / dense.length)).toBeCloseTo(0.0055, 3);
  expect(Math.sqrt(clamped / dense.length)).toBeCloseTo(0.0039, 3);
});

test("a sparse sketch is its own bounds", () => {
  for (const users of [0, 1, 2, 999, 3072]) {
    expect(countOf(randomSketch(users, 1))).toEqual({ count: users, low: users, high: users });
  }
});

test("registers that nobody could have filled still give finite whole numbers", () => {
  for (const rank of [1, 30, 49, 50, 51]) {
    const { count, low, high } = countOf(HyperLogLog.fromRegisters(new Uint8Array(16_384).fill(rank), keyId));
    expect([count, low, high].every(Number.isSafeInteger), `rank ${rank}`).toBe(true);
    expect(low).toBeLessThanOrEqual(count);
    expect(count).toBeLessThanOrEqual(high);
  }
});
