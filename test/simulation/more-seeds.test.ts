import { expect, test } from "vitest";
import { failuresIn } from "./failures.ts";

// A file of its own, so that two processors share the work.
test("seeds 501 to 1,000: what was acknowledged is there, register for register, and nothing else", async () => {
  expect(await failuresIn(501, 1000)).toEqual([]);
});
