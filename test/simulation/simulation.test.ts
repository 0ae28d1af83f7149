import { expect, test } from "vitest";
import { failuresIn } from "./failures.ts";
import { simulate } from "./simulate.ts";

test("seeds 1 to 500: what was acknowledged is there, register for register, and nothing else", async () => {
  expect(await failuresIn(1, 500)).toEqual([]);
});

test("a seed replays exactly", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [first, again] = [await simulate(seed), await simulate(seed)];
    expect([seed, again]).toEqual([seed, first]);
    expect(first.steps).toBeGreaterThan(100);
  }
  expect((await simulate(1)).fingerprint).not.toBe((await simulate(2)).fingerprint);
});
