import { expect, test } from "vitest";
import { failuresIn } from "./failures.ts";
import { simulate } from "./simulate.ts";

test.each([1, 101, 201, 301, 401])(
  "what was acknowledged is there, register for register, and nothing else: seed %i and 99 more",
  async (first) => {
    expect(await failuresIn(first, first + 99)).toEqual([]);
  },
);

test("a seed replays exactly", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [first, again] = [await simulate(seed), await simulate(seed)];
    expect([seed, again]).toEqual([seed, first]);
    expect(first.steps).toBeGreaterThan(100);
  }
  expect((await simulate(1)).fingerprint).not.toBe((await simulate(2)).fingerprint);
});
