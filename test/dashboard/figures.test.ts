import { expect, test } from "vitest";
import { dateTicks } from "../../worker/dashboard/charts/ticks.ts";
import { change, dateDaysAgo, dayAfter, interval, number, percent } from "../../worker/dashboard/format.ts";
import { csvOf } from "../../worker/dashboard/table-model.ts";

test("a figure that isn't known is a dash, never 0", () => {
  expect([number(null), number(undefined), number(0), percent(null)]).toEqual(["–", "–", "0", "–"]);
});

test("an interval is told, or that the figure is exact", () => {
  expect(interval({ count: 5, low: 5, high: 5 })).toBe("exact");
  expect(interval({ count: 7801, low: 7713, high: 7891 })).toBe("7,713 – 7,891");
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
