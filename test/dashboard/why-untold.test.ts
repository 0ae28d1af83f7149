import { expect, test } from "vitest";
import { whyUntold } from "../../worker/dashboard/panels/why-untold.ts";

const known = (value: number) => ({ figure: { value }, followed: 1 });
const nobodyThere = { figure: { value: 0 }, followed: null };
const untold = (share: number) => ({
  figure: { value: null, reason: `it is known of ${share} % of the people` },
  followed: share / 100,
});

test("that nobody is new is told as it is, where the first days are known", () => {
  for (const periods of [[], [known(0)], [known(0), known(3)], [nobodyThere], [known(0), nobodyThere]]) {
    expect(whyUntold(periods)).toBeNull();
  }
});

test("why it can't be told who is new is what the API says of the newest period with people", () => {
  expect(whyUntold([untold(10), untold(40)])).toBe("It is known of 40 % of the people.");
  expect(whyUntold([untold(10), nobodyThere])).toBe("It is known of 10 % of the people.");
  // It was known of one period at least: that is drawn, with its gaps.
  expect(whyUntold([known(3), untold(40)])).toBeNull();
  expect(whyUntold([untold(40), known(0)])).toBeNull();
});

test("a period of which nothing is known at all has a reason too", () => {
  const before = { figure: { value: null, reason: "before the first activity" }, followed: null };
  expect(whyUntold([before])).toBe("Before the first activity.");
  expect(whyUntold([{ figure: { value: null } }])).toBe("Nothing is known of who is new.");
});
