import { expect, test } from "vitest";
import { cells, live } from "../support/alias-worlds.ts";

for (const [name, cell] of Object.entries(cells)) {
  test(`with ${name} for 1 in 100 of a day's people each day, the past stays right`, () => {
    const worlds = Array.from({ length: 12 }, (_, seed) => live(seed + 1, 20_000, 12, cell));
    const figures = worlds.flat();
    const mean = figures.reduce((sum, { count, truth }) => sum + count / truth - 1, 0) / figures.length;
    // Of one sketch the standard error is 0.81 %; the three figures of a world go together.
    expect(Math.abs(mean)).toBeLessThan(3 * (0.0081 / Math.sqrt(worlds.length)));
    const held = figures.filter(({ low, high, truth }) => low <= truth && truth <= high).length;
    expect(held).toBeGreaterThanOrEqual(figures.length * 0.8);
  });
}
