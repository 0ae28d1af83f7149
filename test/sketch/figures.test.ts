import { expect, test } from "vitest";
import { measure } from "./measure.ts";
import { cohort, growth, periods, powerUsers, type Scenario, stickiness } from "./scenarios.ts";

/** Bounds of a share of intervals that hold the truth, 95 of 100 expected: three standard errors and the half point that the interval may be off. */
function coverage(trials: number): { least: number; most: number } {
  const deviation = 3 * Math.sqrt((0.95 * 0.05) / trials) + 0.005;
  return { least: 0.95 - deviation, most: Math.min(1, 0.95 + deviation) };
}

function check(scenario: Scenario, trials: number): ReturnType<typeof measure> {
  const figures = measure(scenario, trials);
  const { least, most } = coverage(trials);
  for (const { figure, covered, told, bias, rootMeanSquare, halfWidth } of figures.values()) {
    expect(told, figure).toBe(1);
    expect(covered, figure).toBeGreaterThanOrEqual(least);
    // A list is exact in all but some of a hundred worlds.
    if (halfWidth > 0) expect(covered, figure).toBeLessThanOrEqual(most);
    expect(Math.abs(bias), figure).toBeLessThanOrEqual(4 * (rootMeanSquare / Math.sqrt(trials)) + 1e-9);
  }
  return figures;
}

/** Half the width of the interval as a share of the truth. */
function relative(figures: ReturnType<typeof measure>, figure: string): number {
  const { halfWidth, truth } = figures.get(figure)!;
  return halfWidth / truth;
}

test("two weeks of 50,000 people are compared with the intervals that are promised", () => {
  const scenario = periods("", [15_000, 35_000, 15_000], { fresh: 5000, removed: 0.02 });
  const figures = check(scenario, 120);
  expect(relative(figures, "returning")).toBeLessThan(0.02);
  expect(relative(figures, "dormant")).toBeLessThan(0.035);
  expect(relative(figures, "resurrected")).toBeLessThan(0.05);
  expect(figures.get("growth")!.halfWidth).toBeLessThan(0.015);
});

test.for<[string, Scenario, number]>([
  [
    "days of which half return and a fifth was removed",
    periods("", [8000, 8000, 8000], { fresh: 900, removed: 0.2 }),
    120,
  ],
  ["sets just over the limit of lists", periods("", [1600, 1600, 1600], { fresh: 300 }), 150],
  ["a list and a dense sketch", periods("", [1700, 800, 11_000], { fresh: 500 }), 150],
  ["little in common", periods("", [49_000, 1000, 49_000]), 80],
  ["a small set and a large one", periods("", [2800, 1200, 98_800]), 80],
])("intervals of a comparison hold the truth: %s", ([, scenario, trials]) => {
  check(scenario, trials);
});

test.for([
  [4, 20_000, 5000],
  [4, 20_000, 80_000],
  [12, 20_000, 300_000],
] as const)(
  "few people, of whom often nobody is noticed, are within the interval: %i",
  ([few, both, more]) => {
    const { covered, halfWidth } = measure(periods("", [few, both, more]), 40).get("dormant")!;
    expect(covered).toBeGreaterThan(0.92);
    expect(halfWidth).toBeLessThan(60);
  },
);

test("nobody in common is within the interval", () => {
  const figures = measure(periods("", [50_000, 0, 50_000]), 60);
  expect(figures.get("returning")!.covered).toBeGreaterThan(0.93);
});

test.for<[string, Scenario, number]>([
  ["a day of its month", stickiness("", 17_000, 100_000), 80],
  ["a day that is a list", stickiness("", 2000, 10_000), 150],
])("the interval of a share holds the truth: %s", ([, scenario, trials]) => {
  const figures = check(scenario, trials);
  expect(relative(figures, "share")).toBeLessThan(0.018);
});

test.for<[string, Scenario, number]>([
  ["both lists", cohort("", 2000, 0.4, 0.3, 2500), 50],
  ["a list within a dense one", cohort("", 2000, 0.4, 0.3, 50_000), 100],
  ["both dense", cohort("", 20_000, 0.4, 0.3, 60_000), 80],
])("a cohort's retention within a dimension's value holds the truth: %s", ([, scenario, trials]) => {
  check(scenario, trials);
});

test("the states of growth accounting hold the truth", () => {
  const figures = check(growth("", 60_000), 60);
  expect(relative(figures, "current")).toBeLessThan(0.02);
  expect(relative(figures, "reactivated")).toBeLessThan(0.1);
  expect(figures.get("currentUserRetention")!.halfWidth).toBeLessThan(0.0125);
});

test("where the registers know a good part of all people, the curve's interval is as narrow as its error", () => {
  const figures = [...measure(powerUsers("", 25_000), 60).values()];
  const ratios = figures.map(({ halfWidth, rootMeanSquare }) => halfWidth / 1.96 / rootMeanSquare);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  expect(mean).toBeGreaterThan(0.85);
  expect(mean).toBeLessThan(1.2);
});

test.for([
  [60_000, 50],
  [400_000, 12],
] as const)("the power user curve of %i people is within half a point", ([size, trials]) => {
  for (const { figure, rootMeanSquare } of check(powerUsers("", size), trials).values()) {
    expect(rootMeanSquare, figure).toBeLessThan(0.005);
  }
});
