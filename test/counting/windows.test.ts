import fc from "fast-check";
import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { everyone, reachOf } from "../../worker/counting/series.ts";
import { type Cover, coverWindow } from "../../worker/counting/windows.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const at = (iso: string) => Date.parse(iso);
const now = at("2026-11-20T10:02:00Z");
const reach = reachOf(everyone);
const inUtc = { now, calendar: new Calendar([{ from: 0, zone: "UTC" }]), reach };

const edges = (cover: Cover) => [cover.from, cover.to].map((edge) => new Date(edge).toISOString());
const kinds = (cover: Cover) =>
  Object.fromEntries(
    ["day", "hour", "slot"].map((kind) => [kind, cover.pieces.filter((piece) => piece.kind === kind).length]),
  );

test("a window of 24 hours begins at five minutes and ends now", () => {
  const cover = coverWindow(now - dayMs, now, inUtc);
  expect(edges(cover)).toEqual(["2026-11-19T10:00:00.000Z", "2026-11-20T10:02:00.000Z"]);
  expect(kinds(cover)).toEqual({ day: 1, hour: 14, slot: 0 });
});

test("a window of 7 or 30 days begins at the hour and is mostly whole days", () => {
  expect(edges(coverWindow(now - 7 * dayMs, now, inUtc))[0]).toBe("2026-11-13T10:00:00.000Z");
  const month = coverWindow(now - 30 * dayMs, now, inUtc);
  expect(edges(month)[0]).toBe("2026-10-21T10:00:00.000Z");
  expect(kinds(month)).toEqual({ day: 30, hour: 14, slot: 0 });
});

test("a window of 90 days begins at a day", () => {
  const cover = coverWindow(now - 90 * dayMs, now, inUtc);
  expect(edges(cover)[0]).toBe("2026-08-22T00:00:00.000Z");
  expect(kinds(cover)).toEqual({ day: 91, hour: 0, slot: 0 });
});

test("a window of half an hour is slots", () => {
  const cover = coverWindow(now - 30 * minuteMs, now, inUtc);
  expect(edges(cover)[0]).toBe("2026-11-20T09:30:00.000Z");
  expect(cover.pieces.every((piece) => piece.kind !== "day")).toBe(true);
});

test("a calendar day long ago is that day's one sketch, in a zone off the hour too", () => {
  const kathmandu = new Calendar([{ from: 0, zone: "Asia/Kathmandu" }]);
  const { from, to } = kathmandu.calendarPeriod("day", "2026-06-01");
  const cover = coverWindow(from, to, { now, calendar: kathmandu, reach });
  expect(cover).toEqual({ from, to, pieces: [{ kind: "day", start: from, end: to }] });
});

test("a closed window within one day ends at five minutes, at the hour or at the day, by its age", () => {
  const span = (from: string, to: string) => edges(coverWindow(at(from), at(to), inUtc));
  expect(span("2026-11-20T01:02:00Z", "2026-11-20T02:03:00Z")).toEqual([
    "2026-11-20T01:00:00.000Z",
    "2026-11-20T02:05:00.000Z",
  ]);
  expect(span("2026-11-10T01:02:00Z", "2026-11-10T02:03:00Z")).toEqual([
    "2026-11-10T01:00:00.000Z",
    "2026-11-10T03:00:00.000Z",
  ]);
  expect(span("2026-09-10T01:02:00Z", "2026-09-10T02:03:00Z")).toEqual([
    "2026-09-10T00:00:00.000Z",
    "2026-09-11T00:00:00.000Z",
  ]);
});

const zones = ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
/** When zones are changed: before, amid and after the presents that are asked at, at any hour of the day. */
const changes = [
  "2026-11-17T05:00:00Z",
  "2026-11-26T21:00:00Z",
  "2026-12-08T11:00:00Z",
  "2026-12-24T00:00:00Z",
];

const calendars = new Map<string, Calendar>();

/** The calendar of an app in `zone`, which is changed to another one. Made once: to cut days is dear. */
function calendarOf(zone: string, change: { at: string; zone: string } | null): Calendar {
  const key = JSON.stringify([zone, change]);
  let calendar = calendars.get(key);
  if (calendar === undefined) {
    const history = [{ from: 0, zone }, ...(change ? [{ from: at(change.at), zone: change.zone }] : [])];
    calendar = new Calendar(history);
    calendars.set(key, calendar);
  }
  return calendar;
}

/** In words what is wrong with a cover of `from` to `to`: nothing. */
function faultsOf(cover: Cover, from: number, to: number, present: number): string[] {
  const faults: string[] = [];
  if (cover.from > from) faults.push("it begins after the window");
  if (cover.to < to) faults.push("it ends before the window");
  const isOpen = cover.to >= present;
  let reached = cover.from;
  for (const { kind, start, end } of cover.pieces.toSorted((x, y) => x.start - y.start)) {
    if (start > reached) faults.push(`a gap before a ${kind}`);
    if (start < cover.from) faults.push(`a ${kind} begins before it`);
    if (!isOpen && end > cover.to) faults.push(`a ${kind} ends after it`);
    const ageMs = present - end;
    if (kind === "slot" && ageMs > 50 * hourMs) faults.push("a slot is no longer kept");
    if (kind === "hour" && ageMs > 32 * dayMs) faults.push("an hour is no longer kept");
    reached = Math.max(reached, end);
  }
  if (reached < cover.to) faults.push("a gap at its end");
  return faults;
}

test("any window is covered without a gap, by kept periods that lie within what the answer says", () => {
  const age = fc.oneof(
    fc.integer({ min: 1, max: 54 * hourMs }),
    fc.integer({ min: 1, max: 34 * dayMs }),
    fc.integer({ min: 1, max: 120 * dayMs }),
  );
  const presents = fc.integer({ min: now, max: now + 40 * dayMs });
  const change = fc.option(fc.record({ zone: fc.constantFrom(...zones), at: fc.constantFrom(...changes) }));
  fc.assert(
    fc.property(fc.constantFrom(...zones), change, presents, age, age, (zone, changed, present, a, b) => {
      const from = present - Math.max(a, b);
      const to = a === b ? present : present - Math.min(a, b);
      const cover = coverWindow(from, to, { now: present, calendar: calendarOf(zone, changed), reach });
      expect(faultsOf(cover, from, to, present)).toEqual([]);
      // Never coarser than promised.
      const slack = (edge: number) =>
        present - edge <= 50 * hourMs ? 5 * minuteMs : present - edge <= 31 * dayMs ? hourMs : 2 * dayMs;
      if (!changed) expect(from - cover.from).toBeLessThan(slack(from) + (zone === "UTC" ? 0 : hourMs));
    }),
    { numRuns: 3000, seed: 3 },
  );
});
