import { expect, test } from "vitest";
import { cells, live, type Outcome } from "../support/alias-worlds.ts";

const mean = (figures: readonly Outcome[], errorOf: (one: Outcome) => number) =>
  figures.reduce((sum, one) => sum + errorOf(one), 0) / figures.length;

/** What a sketch of just the right people would not be off by: what links and exclusions do, and no luck of the hashes. */
const ownError = ({ count, sketched, truth }: Outcome) => (count - sketched) / truth;

for (const [name, cell] of Object.entries(cells)) {
  test(`with ${name} for 1 in 100 of a day's people each day, the past stays right`, () => {
    const worlds = Array.from({ length: 12 }, (_, seed) => live(seed + 1, 20_000, 12, cell));
    const figures = worlds.flat();
    // Of one sketch the standard error is 0.81 %; the three figures of a world go together.
    const error = mean(figures, ({ count, truth }) => count / truth - 1);
    expect(Math.abs(error)).toBeLessThan(3 * (0.0081 / Math.sqrt(worlds.length)));
    expect(Math.abs(mean(figures, ownError))).toBeLessThan(0.003);
    const held = figures.filter(({ low, high, truth }) => low <= truth && truth <= high).length;
    expect(held).toBeGreaterThanOrEqual(figures.length * 0.8);
  });

  test(`with ${name} an app of 300,000 people stays right too`, () => {
    const figures = [1, 2].flatMap((seed) => live(seed, 300_000, 2, cell));
    expect(Math.abs(mean(figures, ownError))).toBeLessThan(0.003);
    for (const { count, low, high, truth } of figures) {
      // 4.5 standard errors; the bounds are at 1.96.
      expect(Math.abs(count - truth)).toBeLessThan((4.5 / 1.96) * Math.max(count - low, high - count));
    }
  });
}
