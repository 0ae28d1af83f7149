import { expect, test } from "vitest";
import { growthOf } from "../../worker/sketch/index.ts";
import { ratioOf } from "../../worker/sketch/ratio.ts";
import { randomWords } from "./random.ts";

/** Normal numbers by Box and Muller. */
function normals(seed: number): () => number {
  const random = randomWords(seed);
  const uniform = () => ((random() >>> 0) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

test.for([
  { part: 5000, whole: 20_000, errors: [100, 200], correlation: 0.5 },
  { part: 20_000, whole: 20_000, errors: [200, 200], correlation: 0.99 },
  { part: 50, whole: 20_000, errors: [100, 200], correlation: -0.3 },
  { part: 5000, whole: 1000, errors: [300, 250], correlation: 0.2 },
])("the interval holds the ratio of normal numbers in 95 of 100 cases: $part of $whole", (at) => {
  const normal = normals(at.part);
  const [partError, wholeError] = at.errors as [number, number];
  const trials = 20_000;
  let [covered, told] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const [x, y] = [normal(), normal()];
    const part = at.part + partError * x;
    const whole = at.whole + wholeError * (at.correlation * x + Math.sqrt(1 - at.correlation ** 2) * y);
    const ratio = ratioOf(part, whole, {
      partVariance: partError ** 2,
      wholeVariance: wholeError ** 2,
      covariance: at.correlation * partError * wholeError,
    });
    if (ratio === null) continue;
    told++;
    if (ratio.low <= at.part / at.whole && at.part / at.whole <= ratio.high) covered++;
  }
  expect(told / trials).toBeGreaterThan(0.97);
  expect(covered / trials).toBeGreaterThan(0.94);
  expect(covered / trials).toBeLessThan(0.965);
});

test("where errors are small the interval is that of the delta method", () => {
  const ratio = ratioOf(3000, 10_000, { partVariance: 9, wholeVariance: 16, covariance: 5 })!;
  const variance = (9 + 0.09 * 16 - 2 * 0.3 * 5) / 10_000 ** 2;
  expect(ratio.value).toBe(0.3);
  expect((ratio.high - ratio.low) / 2).toBeCloseTo(1.96 * Math.sqrt(variance), 8);
});

test("exact numbers have an exact ratio", () => {
  const none = { partVariance: 0, wholeVariance: 0, covariance: 0 };
  expect(ratioOf(1, 4, none)).toEqual({ value: 0.25, low: 0.25, high: 0.25 });
  expect(ratioOf(0, 4, none)).toEqual({ value: 0, low: 0, high: 0 });
  expect(ratioOf(3, 0, none)).toBeNull();
});

test("a whole that may be nobody has no ratio", () => {
  expect(ratioOf(10, 19, { partVariance: 0, wholeVariance: 100, covariance: 0 })).toBeNull();
  expect(ratioOf(10, 20, { partVariance: 0, wholeVariance: 100, covariance: 0 })).not.toBeNull();
});

test("the growth of a ratio has the errors of both", () => {
  const [is, was] = [
    { value: 0.4, low: 0.4 / 1.03, high: 0.4 * 1.03 },
    { value: 0.2, low: 0.2 / 1.04, high: 0.2 * 1.04 },
  ];
  const growth = growthOf(is, was)!;
  const factor = Math.exp(Math.hypot(Math.log(1.03), Math.log(1.04)));
  expect(growth.value).toBe(1);
  expect(growth.high).toBeCloseTo(2 * factor - 1, 12);
  expect(growth.low).toBeCloseTo(2 / factor - 1, 12);
  expect(growthOf({ value: 0.1, low: 0, high: 0.2 }, was)).toBeNull();
});
