import { expect, test } from "vitest";
import { annotationsByPlace } from "../../worker/dashboard/charts/annotation.ts";
import { averagesOf, changeOf, pairUp } from "../../worker/dashboard/panels/compare.ts";
import { comparedFrom, datesOf } from "../../worker/dashboard/period.ts";

test("ranges end today; weeks begin on Monday, months on the first", () => {
  expect(datesOf(30, "2026-03-01")).toEqual({ from: "2026-01-31", to: "2026-03-01" });
  for (const today of ["2026-11-23", "2026-11-26", "2026-11-29"]) {
    expect(datesOf("week", today)).toEqual({ from: "2026-11-23", to: today });
  }
  expect(datesOf("week", "2026-11-30").from).toBe("2026-11-30");
  expect(datesOf("month", "2026-11-26")).toEqual({ from: "2026-11-01", to: "2026-11-26" });
});

test("what a range is compared with begins where its name says", () => {
  const today = "2026-11-26";
  expect(comparedFrom(30, "previous", today)).toBe("2026-09-28");
  // 35 days, the least number of whole weeks that holds 30.
  expect(comparedFrom(30, "weekdays", today)).toBe("2026-09-23");
  expect(comparedFrom(30, "year", today)).toBe("2025-10-28");
  expect(comparedFrom(30, { from: "2024-02-29" }, today)).toBe("2024-02-29");
  expect(comparedFrom("week", "previous", today)).toBe("2026-11-16");
  expect(comparedFrom("month", "previous", today)).toBe("2026-10-01");
  expect(comparedFrom("month", "previous", "2026-01-05")).toBe("2025-12-01");
  expect(comparedFrom({ from: "2024-02-29", to: "2024-03-02" }, "year", today)).toBe("2023-02-28");
});

const point = (date: string, count: number, margin = 0, closed = true) => ({
  date,
  from: `${date}T00:00:00Z`,
  to: `${date}T23:59:59Z`,
  closed,
  count,
  low: count - margin,
  high: count + margin,
});

test("days are compared place by place, and a month never with its own days", () => {
  const march = { from: "2026-03-01", to: "2026-03-31" };
  const points = [point("2026-03-01", 30), point("2026-03-28", 20), point("2026-03-29", 10)];
  const others = [point("2026-02-01", 20), point("2026-02-28", 25), point("2026-03-01", 30)];
  const pairs = pairUp(points, others, march, "2026-02-01");
  expect(pairs.map(({ other }) => other?.date)).toEqual(["2026-02-01", "2026-02-28", undefined]);
  expect(pairs.map(changeOf)).toEqual(["+50 %", "−20 %", ""]);
  // Before anything has come in.
  expect(changeOf(undefined)).toBe("");
  expect(averagesOf(pairs)).toBe(
    "Average of 2 full days known in both periods: 25, compared with 23 (+11 %).",
  );
});

test("a day that is still running isn't judged, nor are averages whose intervals overlap", () => {
  const dates = { from: "2026-03-02", to: "2026-03-03" };
  const before = [point("2026-02-28", 1000, 20), point("2026-03-01", 1000, 20)];
  const pairs = (count: number) =>
    pairUp([point("2026-03-02", count, 20), point("2026-03-03", 5, 0, false)], before, dates, "2026-02-28");
  expect(pairs(1030).map(changeOf)).toEqual(["+3.0 %", ""]);
  expect(averagesOf(pairs(1030))).toContain("no clear difference");
  expect(averagesOf(pairs(1041))).toBe(
    "Average of 1 full day known in both periods: 1,041, compared with 1,000 (+4.1 %).",
  );
  expect(averagesOf([])).toBe("No full day is known in both periods yet.");
});

test("an annotation is marked at the day or week that holds its day", () => {
  const weeks = ["2026-11-09", "2026-11-16", "2026-11-23"];
  const annotations = [
    { day: "2026-11-08", text: "before" },
    { day: "2026-11-16", text: "launch" },
    { day: "2026-11-22", text: "sale" },
    { day: "2026-11-30", text: "after" },
  ];
  expect([...annotationsByPlace(weeks, 7, annotations)]).toEqual([[1, "launch; sale"]]);
  expect([...annotationsByPlace(weeks, 1, annotations)]).toEqual([[1, "launch"]]);
});
