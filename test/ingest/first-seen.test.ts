import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { clockShiftMs } from "../../worker/ingest/clock-shift.ts";
import { cohorts, firstDay } from "../../worker/ingest/first-seen.ts";

const now = Date.parse("2026-11-20T10:00:00Z");
const dayMs = 86_400_000;
const minuteMs = 60_000;

test("an instant is cut to a day by the app's zone", () => {
  const at = Date.parse("2026-11-19T23:30:00Z");
  for (const [zone, day] of [
    ["UTC", "2026-11-19"],
    ["Europe/Berlin", "2026-11-20"],
    ["Asia/Kolkata", "2026-11-20"],
    ["Asia/Kathmandu", "2026-11-20"],
    ["America/Los_Angeles", "2026-11-19"],
    ["Pacific/Kiritimati", "2026-11-20"],
  ] as const) {
    const calendar = new Calendar([{ from: 0, zone }]);
    expect([zone, firstDay(at, calendar, now)]).toEqual([zone, { ok: true, value: day }]);
  }
});

test("days are those of the calendar, also where clocks change and in whatever order they are asked for", () => {
  for (const zone of ["America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"]) {
    const calendar = new Calendar([{ from: 0, zone }]);
    for (let index = 0; index < 3000; index++) {
      const at = (index * 7_919_000_017) % now;
      expect([zone, at, firstDay(at, calendar, now)]).toEqual([
        zone,
        at,
        { ok: true, value: calendar.dateAt(at) },
      ]);
    }
  }
});

test("a first day in the future is refused, but for the one that another zone has already", () => {
  const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
  expect(firstDay("2026-11-21", calendar, now)).toEqual({ ok: true, value: "2026-11-21" });
  expect(firstDay(now + 2 * minuteMs, calendar, now)).toEqual({ ok: true, value: "2026-11-20" });
  for (const since of ["2026-11-22", "2027-11-20", now + 10 * minuteMs, now + 365 * dayMs]) {
    expect(firstDay(since, calendar, now).ok).toBe(false);
  }
});

test("made-up days give no more series than there are days and weeks to ask for", () => {
  const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
  const series = new Set<string>();
  for (let day = 0; day < 3000; day++) {
    const first = new Date(now - day * dayMs).toISOString().slice(0, 10);
    for (const name of cohorts(first, now, calendar)) series.add(name);
  }
  expect(series.size).toBeLessThan(110);
});

test("a clock that is off by more than a minute is put right, whichever way and however far", () => {
  expect(clockShiftMs(undefined, now)).toBe(0);
  for (const off of [0, 30_000, -minuteMs, minuteMs]) expect(clockShiftMs(now + off, now)).toBe(0);
  for (const off of [minuteMs + 1, dayMs, -8 * dayMs, 365 * dayMs, -now]) {
    expect(now + off + clockShiftMs(now + off, now)).toBe(now);
  }
});
