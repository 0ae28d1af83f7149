import { beforeAll, expect, test } from "vitest";
import type { RollupState } from "../../worker/counting/rollup-state.ts";
import { type FigurePair, figurePairs } from "../support/exact-figures.ts";
import { inventPopulation, type Population, rollUp } from "../support/population.ts";

let population: Population;
let state: RollupState;
let pairs: FigurePair[];

beforeAll(async () => {
  population = inventPopulation(50_000, 20_261_120);
  state = await rollUp(population);
  pairs = figurePairs(population, state);
}, 600_000);

test("of all figures about 50,000 people over 90 days at least 92 % hold the truth within their 95 % interval", () => {
  const stated = pairs.filter(({ count }) => count !== null);
  const held = stated.filter(({ low, high, exact }) => (low ?? 0) <= exact && exact <= (high ?? 0));
  expect(stated.length).toBeGreaterThan(350);
  expect(held.length / stated.length).toBeGreaterThanOrEqual(0.92);
});

test("no figure is further from the truth than four and a half standard errors", () => {
  for (const { name, count, low, high, exact } of pairs) {
    if (count === null || low === null || high === null) continue;
    // The stated interval is 1.96 standard errors to each side.
    const most = Math.max(high - count, count - low) * (4.5 / 1.96) + 1;
    expect([name, Math.abs(count - exact) <= most]).toEqual([name, true]);
  }
});

test("a figure that says it is exact is the truth but for collisions of one in thousands", () => {
  const exact = pairs.filter(({ count, low, high }) => count !== null && low === high);
  expect(exact.length).toBeGreaterThan(100);
  // Two of n people share a 26-bit address with a probability of about n²/2²⁷, at 3,000 people one pair in 15 sets.
  for (const pair of exact)
    expect([pair.name, Math.abs((pair.count ?? 0) - pair.exact) <= 2]).toEqual([pair.name, true]);
  const off = exact.filter((pair) => pair.count !== pair.exact);
  expect(off.length / exact.length).toBeLessThan(0.1);
});

test("only differences are ever withheld, and then with the reason", () => {
  expect(pairs.filter(({ count, isDifference }) => count === null && !isDifference)).toEqual([]);
});
