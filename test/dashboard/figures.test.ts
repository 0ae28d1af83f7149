import { expect, test } from "vitest";
import { sparkPoints } from "../../worker/dashboard/charts/spark-points.ts";
import {
  barRange,
  lineRange,
  peopleSteps,
  percentSteps,
  tickLabel,
} from "../../worker/dashboard/charts/scale.ts";
import { dateTicks } from "../../worker/dashboard/charts/ticks.ts";
import { change, dateDaysAgo, dayAfter, interval, number, percent } from "../../worker/dashboard/format.ts";
import { difference } from "../../worker/dashboard/panels/difference.ts";
import { csvOf } from "../../worker/dashboard/table-model.ts";

test("a figure that isn't known is a dash, never 0", () => {
  expect([number(null), number(undefined), number(0), percent(null)]).toEqual(["–", "–", "0", "–"]);
});

test("an interval says what it is, and a count without one that it is exact", () => {
  expect(interval({ count: 5, low: 5, high: 5 })).toBe("exact count");
  expect(interval({ count: 7801, low: 7713, high: 7891 })).toBe("95 % interval: 7,713 – 7,891");
  expect(interval({ count: null, low: null, high: null })).toBe("");
});

test("a change has its sign", () => {
  expect([change(14.3), change(-7.82), change(0.04), change(25_117)]).toEqual([
    "+14 %",
    "−7.8 %",
    "+0.0 %",
    "+25,117 %",
  ]);
});

test("today is the day of the zone, not of the reader", () => {
  const now = Date.parse("2026-11-19T23:30:00Z");
  expect(dateDaysAgo(0, "UTC", now)).toBe("2026-11-19");
  expect(dateDaysAgo(0, "Asia/Kathmandu", now)).toBe("2026-11-20");
  expect(dateDaysAgo(1, "America/New_York", now)).toBe("2026-11-18");
  expect(dayAfter("2026-10-24", 2)).toBe("2026-10-26");
});

test("CSV keeps what is hard to keep, and hands no formula to a spreadsheet", () => {
  const text = csvOf({
    caption: "",
    columns: ["Value", "People"],
    rows: [
      ['say "hi", you', 1],
      ["=cmd()", null],
      ["-5", -5],
      ["two\nlines", 2.5],
    ],
  });
  expect(text).toBe(`Value,People\r\n"say ""hi"", you",1\r\n'=cmd(),\r\n-5,-5\r\n"two\nlines",2.5\r\n`);
});

test("labels of days never stand closer than they fit", () => {
  const dates = Array.from({ length: 365 }, (_, index) => dayAfter("2025-12-03", index));
  for (const length of [1, 7, 30, 90, 365]) {
    for (const width of [220, 300, 500, 1100]) {
      const ticks = dateTicks(dates.slice(0, length), width);
      expect(ticks.length * 64).toBeLessThanOrEqual(Math.max(width, 64));
    }
  }
  const weeks = dateTicks(dates.slice(0, 30), 500).map((index) =>
    new Date(dates[index] as string).getUTCDay(),
  );
  expect(weeks).toEqual([1, 1, 1, 1]);
});

/** The ticks that fit on an axis: `fit` steps at most. */
function ticksOf([low, high]: [number, number], steps: number[], fit: number, isPercent: boolean): string[] {
  const step = steps.find((one) => (high - low) / one <= fit) as number;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => tickLabel((first + index) * step, step, isPercent));
}

test("no two ticks of the y axis are labelled alike, from one person to millions", () => {
  const highs = [1, 2, 3, 7, 19, 21, 45, 130, 999, 1000, 1013, 4242, 12_345, 99_950, 1_049_000, 87_654_321];
  for (const high of highs) {
    for (const low of [0, high * 0.5, high * 0.97, high]) {
      for (const fit of [3, 4, 6]) {
        for (const range of [barRange(0, high), barRange(-low, high), lineRange(low, high, false)]) {
          // Below the line the same figures stand once more.
          const labels = ticksOf([Math.max(0, range[0]), range[1]], peopleSteps, fit, false);
          expect(new Set(labels).size).toBe(labels.length);
        }
        const labels = ticksOf(lineRange(low % 100, (high % 100) + 0.3, true), percentSteps, fit, true);
        expect(new Set(labels).size).toBe(labels.length);
      }
    }
  }
});

test("an axis of people has whole steps", () => {
  for (const high of [1, 2, 3, 19]) {
    const labels = ticksOf(lineRange(high, high, false), peopleSteps, 4, false);
    expect(labels[0]).toBe("0");
    for (const label of labels) expect(label).toMatch(/^\d+$/);
  }
  expect(tickLabel(12_320, 20, false)).toBe("12.32K");
  expect(tickLabel(-4000, 2000, false)).toBe("4K");
  expect(tickLabel(3.4, 0.2, true)).toBe("3.4 %");
});

test("a few samples are no line yet, and a few people more no explosion", () => {
  expect(sparkPoints([2, 3], 120)).toEqual([]);
  expect(sparkPoints([null, null, 2, 3, null], 120)).toEqual([]);
  const rise = sparkPoints([2, 2, 2, 3, 3], 120);
  // At the right, as wide as five of 120 samples, and a tenth of the height.
  expect(rise[0]?.[0]).toBeGreaterThan(96);
  expect(rise.at(-1)?.[0]).toBe(100);
  expect(Math.max(...rise.map(([, y]) => y)) - Math.min(...rise.map(([, y]) => y))).toBeLessThan(4);
  const doubled = sparkPoints([100, 120, 150, 180, 200], 5);
  expect(doubled.map(([x]) => x)).toEqual([0, 25, 50, 75, 100]);
  expect(doubled.at(-1)?.[1]).toBe(2);
});

test("a difference is told only where its interval is narrower than itself", () => {
  const exact = (count: number) => ({ count, low: count, high: count });
  expect(difference(exact(500), exact(80))).toEqual(exact(420));
  expect(difference({ count: 5000, low: 4920, high: 5080 }, exact(3000))).toEqual({
    count: 2000,
    low: 1920,
    high: 2080,
  });
  expect(difference({ count: 5000, low: 4920, high: 5080 }, { count: 4800, low: 4720, high: 4880 })).toBe(
    null,
  );
  expect(difference({ count: null, low: null, high: null }, exact(1))).toBe(null);
});
