import { expect, test } from "vitest";
import { userId } from "../../worker/schemas/user-id.ts";

test("what stands for a missing value is nobody's id", () => {
  for (const id of [
    "",
    " ",
    "\t\n",
    "\u00a0\u3000",
    "\u200b",
    "\ufeff",
    "\u0000",
    "undefined",
    "null",
    "NaN",
    "[object Object]",
    "[object Promise]",
    "[object Object],[object Object]",
    "[object Object]:7",
    "[object My-Class]",
    " undefined ",
    "null\n",
    undefined,
    null,
    Number.NaN,
    {},
    42,
  ]) {
    const read = userId.safeParse(id);
    expect([id, read.error?.issues[0]?.message]).toEqual([id, expect.stringContaining("expected")]);
  }
});

test("what only looks a little like it is somebody's", () => {
  for (const id of [
    "0",
    "Null",
    "nullable",
    "undefined-7",
    "NaNcy",
    "Mr. Null",
    "false",
    "[object]",
    " a ",
    "‍👩‍👧",
  ]) {
    expect([id, userId.safeParse(id).success]).toEqual([id, true]);
  }
});
