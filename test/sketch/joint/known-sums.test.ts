import { expect, test } from "vitest";
import { givenSums } from "../../../worker/sketch/joint/known-sums.ts";

/** Regions 1, 2 and 3 with people and errors; region 0 has none. */
const moments = {
  people: Float64Array.of(0, 100, 200, 300),
  covariance: Float64Array.of(0, 0, 0, 0, 0, 900, 0, -400, 0, 0, 100, 0, 0, -400, 0, 1600),
};

test("of two that go together, each moves by its share of the error", () => {
  // Var(1 + 3) = 900 + 1600 - 800 = 1700; of 34 too many, (900 - 400) / 1700 are the first's.
  const { people, covariance } = givenSums(moments, [{ regions: [1, 3], people: 366 }]);
  expect(people[1]).toBeCloseTo(90, 2);
  expect(people[2]).toBe(200);
  expect(people[3]).toBeCloseTo(276, 2);
  expect(covariance[5]).toBeCloseTo(900 - 500 ** 2 / 1700, 1);
  expect(covariance[5]! + covariance[15]! + 2 * covariance[7]!).toBeCloseTo(0, 1);
});

test("one known sum after the other leaves both known", () => {
  const { people } = givenSums(moments, [
    { regions: [1, 3], people: 380 },
    { regions: [2], people: 210 },
  ]);
  expect(people[1]! + people[3]!).toBeCloseTo(380, 2);
  expect(people[2]).toBeCloseTo(210, 2);
});

test("what is known already, or can't be, changes nothing", () => {
  for (const sums of [[], [{ regions: [], people: 50 }], [{ regions: [0], people: 7 }]]) {
    expect(givenSums(moments, sums)).toEqual(moments);
  }
});
