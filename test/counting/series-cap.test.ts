import { expect, test } from "vitest";
import type { PeriodKind } from "../../worker/counting/periods.ts";
import { SeriesCap } from "../../worker/counting/series.ts";

const dayMs = 86_400_000;
const limits = { new: 3, known: 5, proven: 6 };
const day = (number: number) => ({
  kind: "day" as const,
  start: number * dayMs,
  end: (number + 1) * dayMs,
});

/** A cap over a store of what it admitted, as a roll-up has one. */
function newCap() {
  const stored: { kind: PeriodKind; start: number; value: string }[] = [];
  const cap = new SeriesCap(limits, (kind, from, to) =>
    stored
      .filter((each) => each.kind === kind && each.start >= from && each.start < to)
      .map(({ value }) => value),
  );
  return (value: string, number: number, isProven = false) => {
    const series = cap.admit(`plan=${value}`, day(number), isProven);
    const admitted = series.slice("plan=".length);
    if (admitted === value) stored.push({ kind: "day", start: number * dayMs, value });
    return admitted === value;
  };
}

test("there is room for what was there the day before, and then for what somebody vouches for", () => {
  const admits = newCap();
  for (const value of ["a", "b", "c"]) expect(admits(value, 1)).toBe(true);
  expect(admits("d", 1)).toBe(false);
  for (const value of ["x", "y", "z"]) expect([value, admits(value, 2)]).toEqual([value, true]);
  expect(admits("w", 2)).toBe(false);
  expect([admits("a", 2), admits("b", 2), admits("c", 2)]).toEqual([true, true, false]);
  expect([admits("p", 2, true), admits("q", 2, true)]).toEqual([true, false]);
});

test("whoever makes up as many as there is room for, day after day, never displaces what is there each day", () => {
  const admits = newCap();
  expect([admits("real", 1), admits("true", 1)]).toEqual([true, true]);
  for (let number = 2; number < 30; number++) {
    // First those of the day before, to take the room that is kept for what was there, then others.
    for (let old = 0; old < 10; old++) admits(`fake-${number - 1}-${old}`, number);
    for (let fresh = 0; fresh < 10; fresh++) admits(`fake-${number}-${fresh}`, number);
    expect([number, admits("real", number), admits("true", number)]).toEqual([number, true, true]);
  }
});
