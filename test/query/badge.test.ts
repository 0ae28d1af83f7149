import fc from "fast-check";
import { expect, test } from "vitest";
import { badgeSvg, publicFigure } from "../../worker/query/badge-svg.ts";

const middle = () => 0.5;

test("counts are told in steps of ten, and of three significant digits from 1,000 on", () => {
  const told = [
    0, 1, 9, 10, 11, 17, 20, 812, 813, 994, 999, 1004, 1234, 9996, 12_345, 123_456, 999_400, 999_600,
    1_234_567, 2.5e9,
  ];
  expect(told.map((count) => publicFigure(count, middle))).toEqual([
    "under 10",
    "under 10",
    "under 10",
    "10",
    "10",
    "20",
    "20",
    "810",
    "810",
    "990",
    "1.00k",
    "1.00k",
    "1.23k",
    "10.0k",
    "12.3k",
    "123k",
    "999k",
    "1.00M",
    "1.23M",
    "2.50G",
  ]);
});

test("wherever the edges are, each figure is told for ten people at least on the average, and lies within a step", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (random) => {
      const edges = new Map<number, number>();
      const edge = (figure: number) => {
        if (!edges.has(figure)) edges.set(figure, random.next().value as number);
        return edges.get(figure) as number;
      };
      const figures = Array.from({ length: 990 }, (_, index) => publicFigure(index, edge));
      for (const [count, figure] of figures.entries()) {
        if (count < 10) expect(figure).toBe("under 10");
        else expect(Math.abs(Number(figure) - count)).toBeLessThanOrEqual(10);
        expect(count > 10 ? Number(figure) % 10 : 0).toBe(0);
      }
      const changes = figures.filter((figure, index) => index > 0 && figure !== figures[index - 1]);
      expect(changes.length).toBeLessThanOrEqual(100);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test("both halves of a badge are as wide as it says", () => {
  const svg = badgeSvg("mau", 12_345, middle);
  const [, whole] = /width="(\d+)" height="20" role/.exec(svg) ?? [];
  const halves = Array.from(svg.matchAll(/h(\d+)v20/g), ([, width]) => Number(width));
  expect(halves).toHaveLength(2);
  expect(halves.reduce((sum, width) => sum + width)).toBe(Number(whole));
});
