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

test("any window is covered without a gap, by kept periods that lie within what the answer says", () => {
  const zones = ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
  const age = fc.oneof(
    fc.integer({ min: 1, max: 30 * hourMs }),
    fc.integer({ min: 1, max: 34 * dayMs }),
    fc.integer({ min: 1, max: 120 * dayMs }),
  );
  const presents = fc.integer({ min: now, max: now + 40 * dayMs });
  const change = fc.option(
    fc.record({ zone: fc.constantFrom(...zones), hoursAgo: fc.integer({ min: 1, max: 900 }) }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...zones), change, presents, age, age, (zone, changed, present, a, b) => {
      const history = [{ from: 0, zone }];
      if (changed) {
        history.push({ from: Math.floor(present / hourMs - changed.hoursAgo) * hourMs, zone: changed.zone });
      }
      const from = present - Math.max(a, b);
      const to = a === b ? present : present - Math.min(a, b);
      const cover = coverWindow(from, to, { now: present, calendar: new Calendar(history), reach });

      expect(cover.from).toBeLessThanOrEqual(from);
      expect(cover.to).toBeGreaterThanOrEqual(to);
      const open = cover.to >= present;
      let reached = cover.from;
      for (const piece of cover.pieces.toSorted((x, y) => x.start - y.start)) {
        expect(piece.start).toBeLessThanOrEqual(reached);
        expect(piece.start).toBeGreaterThanOrEqual(cover.from);
        if (!open) expect(piece.end).toBeLessThanOrEqual(cover.to);
        if (piece.kind === "slot")
          expect(present - piece.start).toBeLessThanOrEqual(26 * hourMs + 5 * minuteMs);
        if (piece.kind === "hour") expect(present - piece.start).toBeLessThanOrEqual(32 * dayMs + hourMs);
        reached = Math.max(reached, piece.end);
      }
      expect(reached).toBeGreaterThanOrEqual(cover.to);
      // Never coarser than promised.
      const slack = (edge: number) =>
        present - edge <= 26 * hourMs ? 5 * minuteMs : present - edge <= 31 * dayMs ? hourMs : 2 * dayMs;
      if (!changed) expect(from - cover.from).toBeLessThan(slack(from) + (zone === "UTC" ? 0 : hourMs));
    }),
    { numRuns: 3000, seed: 3 },
  );
});
