import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { Calendar, changeZone } from "../../worker/counting/calendar.ts";

const hourMs = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "America/Sao_Paulo",
  "Africa/Cairo",
];

/** The date that the platform's own formatter shows: another implementation than the one under test. */
function shownDate(zone: string, instant: number): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(instant);
}

test("a day in Berlin is 23 hours long when the clocks go forward and 25 when they go back", () => {
  const calendar = new Calendar([{ from: 0, zone: "Europe/Berlin" }]);
  const spring = calendar.dayAt(at("2026-03-29T12:00:00Z"));
  const autumn = calendar.dayAt(at("2026-10-25T12:00:00Z"));
  expect(spring.end - spring.start).toBe(23 * hourMs);
  expect(autumn.end - autumn.start).toBe(25 * hourMs);
});

test("a day in Kathmandu begins at 18:15 UTC", () => {
  const day = new Calendar([{ from: 0, zone: "Asia/Kathmandu" }]).dayAt(at("2026-11-20T10:00:00Z"));
  expect(new Date(day.start).toISOString()).toBe("2026-11-19T18:15:00.000Z");
  expect(new Date(day.end).toISOString()).toBe("2026-11-20T18:15:00.000Z");
});

test("a day begins where the zone's own date changes, in any zone at any time", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: at("2012-01-01T00:00:00Z"), max: at("2027-12-31T00:00:00Z") }),
      (zone, instant) => {
        const day = new Calendar([{ from: 0, zone }]).dayAt(instant);
        expect(day.start).toBeLessThanOrEqual(instant);
        expect(day.end).toBeGreaterThan(instant);
        const date = shownDate(zone, instant);
        expect(shownDate(zone, day.start)).toBe(date);
        expect(shownDate(zone, day.end - 1)).toBe(date);
        expect(shownDate(zone, day.start - 1)).not.toBe(date);
        expect(shownDate(zone, day.end)).not.toBe(date);
      },
    ),
    { numRuns: 1000, seed: 1 },
  );
});

test("weeks begin on Monday and months on their first, in the app's zone", () => {
  const calendar = new Calendar([{ from: 0, zone: "America/New_York" }]);
  const iso = ({ from, to }: { from: number; to: number }) =>
    [from, to].map((instant) => new Date(instant).toISOString());
  expect(iso(calendar.calendarPeriod("day", "2026-11-01"))).toEqual([
    "2026-11-01T04:00:00.000Z",
    "2026-11-02T05:00:00.000Z",
  ]);
  expect(iso(calendar.calendarPeriod("week", "2027-01-01"))).toEqual([
    "2026-12-28T05:00:00.000Z",
    "2027-01-04T05:00:00.000Z",
  ]);
  expect(iso(calendar.calendarPeriod("month", "2026-11-19"))).toEqual([
    "2026-11-01T04:00:00.000Z",
    "2026-12-01T05:00:00.000Z",
  ]);
});

test("the week of a date begins on the Monday at or before it, in any year", () => {
  const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-08"), max: new Date("9999-12-31"), noInvalidDate: true }),
      (date) => {
        const day = Temporal.PlainDate.from(date.toISOString().slice(0, 10));
        const week = calendar.weekOf(day.toString());
        expect(week).toBe(day.subtract({ days: day.dayOfWeek - 1 }).toString());
      },
    ),
    { numRuns: 500, seed: 4 },
  );
});

test("a date that does not exist is refused", () => {
  const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
  expect(() => calendar.calendarPeriod("day", "2026-02-30")).toThrow(RangeError);
});

test("days follow each other without gap or overlap through any history of zones", () => {
  const start = at("2026-10-01T00:00:00Z");
  const change = fc.record({ zone: fc.constantFrom(...zones), afterHours: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
      let from = start;
      const history = [{ from: 0, zone: "UTC" }];
      for (const { zone, afterHours } of changes) history.push({ from: (from += afterHours * hourMs), zone });
      const calendar = new Calendar(history);
      const days = calendar.daysBetween(start, start + 60 * 24 * hourMs);
      for (const [index, day] of days.entries()) {
        expect(day.end).toBeGreaterThan(day.start);
        if (index > 0) expect(day.start).toBe(days[index - 1]?.end);
        expect(calendar.dayAt(day.start)).toEqual(day);
        expect(calendar.dayAt(day.end - 1)).toEqual(day);
      }
    }),
    { numRuns: 200, seed: 2 },
  );
});

test("a new zone leaves the days that hold activity as they were cut", () => {
  const first = at("2026-11-10T00:00:00Z");
  const changeAt = at("2026-11-20T11:00:00Z");
  const history = changeZone([{ from: 0, zone: "UTC" }], "Asia/Kathmandu", first, changeAt);
  const before = new Calendar([{ from: 0, zone: "UTC" }]);
  const after = new Calendar(history);
  expect(after.zone).toBe("Asia/Kathmandu");
  expect(after.daysBetween(first, at("2026-11-20T00:00:00Z"))).toEqual(
    before.daysBetween(first, at("2026-11-20T00:00:00Z")),
  );
  expect(after.dayAt(changeAt - 1).end).toBe(changeAt);
  expect(after.dayAt(changeAt)).toEqual({ kind: "day", start: changeAt, end: at("2026-11-20T18:15:00Z") });
  expect(after.dayAt(at("2026-11-01T00:00:00Z")).start).toBe(at("2026-10-31T18:15:00Z"));
});

test("before any activity a new zone cuts all days", () => {
  expect(changeZone([{ from: 0, zone: "UTC" }], "Asia/Tehran", null, 5)).toEqual([
    { from: 0, zone: "Asia/Tehran" },
  ]);
});
