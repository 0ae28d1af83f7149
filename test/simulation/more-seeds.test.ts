import { expect, test } from "vitest";
import { failuresIn } from "./failures.ts";

// A file of its own, so that two processors share the work.
test.each([501, 601, 701, 801, 901])(
  "what was acknowledged is there, register for register, and nothing else: seed %i and 99 more",
  async (first) => {
    expect(await failuresIn(first, first + 99)).toEqual([]);
  },
);
