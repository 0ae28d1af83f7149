import { expect, test } from "vitest";
import { badgeSvg, threeDigits } from "../../worker/query/badge-svg.ts";

test("counts are told in three significant digits", () => {
  const told = [
    0, 7, 999, 1000, 1004, 1005, 1234, 9996, 12_345, 99_950, 123_456, 999_499, 999_500, 1_234_567, 2.5e9,
  ];
  expect(told.map(threeDigits)).toEqual([
    "0",
    "7",
    "999",
    "1.00k",
    "1.00k",
    "1.01k",
    "1.23k",
    "10.0k",
    "12.3k",
    "100k",
    "123k",
    "999k",
    "1.00M",
    "1.23M",
    "2.50G",
  ]);
});

test("one person more or less is not seen among a thousand", () => {
  expect(badgeSvg("dau", 4321)).toBe(badgeSvg("dau", 4322));
});

test("both halves of a badge are as wide as it says", () => {
  const svg = badgeSvg("mau", 12_345);
  const [, whole] = /width="(\d+)" height="20" role/.exec(svg) ?? [];
  const halves = Array.from(svg.matchAll(/h(\d+)v20/g), ([, width]) => Number(width));
  expect(halves).toHaveLength(2);
  expect(halves.reduce((sum, width) => sum + width)).toBe(Number(whole));
});
