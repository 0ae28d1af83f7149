import { hourMs } from "../limits.ts";
import type { Calendar } from "./calendar.ts";
import { periodAt, type PeriodKind } from "./periods.ts";
import { type Reach, reachOf } from "./series.ts";

/** The shortest periods that an app can choose to count in: slots of five minutes, hours, days. */
export const resolutions = ["5m", "1h", "1d"] as const;
export type Resolution = (typeof resolutions)[number];

/** The kinds of periods that are counted at a resolution. */
export const kindsAt: Record<Resolution, ReadonlySet<PeriodKind>> = {
  "5m": new Set(["slot", "hour", "day"]),
  "1h": new Set(["hour", "day"]),
  "1d": new Set(["day"]),
};

/**
 * Seconds until the next heartbeat makes a difference: from the start of the running slot to the end of the shortest
 * period that is counted. Clients beat early in the slot in which they end, and so early in the next period.
 */
export function secondsToNext(resolution: Resolution, now: number, calendar: Calendar): number {
  const { start, end } = periodAt("slot", now);
  if (resolution === "5m") return (end - start) / 1000;
  const period = resolution === "1h" ? periodAt("hour", now) : calendar.dayAt(now);
  return (Math.max(end, period.end) - start) / 1000;
}

/** Since when slots and hours are counted without a gap, in Unix milliseconds; null where they aren't counted. */
export interface CountedFrom {
  slot: number | null;
  hour: number | null;
}

export const countedFromStart: CountedFrom = { slot: 0, hour: 0 };

/**
 * What is counted without a gap after a change of resolution. What is counted anew is whole once clients have come back
 * from the pace they were told before: from the day after the next hour on.
 */
export function countedAfter(
  before: CountedFrom,
  resolution: Resolution,
  now: number,
  calendar: Calendar,
): CountedFrom {
  const since = calendar.dayAt(now + hourMs).end;
  const after = (kind: "slot" | "hour") => (kindsAt[resolution].has(kind) ? (before[kind] ?? since) : null);
  return { slot: after("slot"), hour: after("hour") };
}

/** How far back slots and hours of a series can be asked for: not beyond where they are counted without a gap. */
export function reachSince(counted: CountedFrom, series: string, now: number): Reach {
  const { slotMs: slots, hourMs: hours } = reachOf(series);
  // A period that ends where counting begins was not counted.
  const since = (from: number | null) => (from === null ? -Infinity : now - from - 1);
  return { slotMs: Math.min(slots, since(counted.slot)), hourMs: Math.min(hours, since(counted.hour)) };
}

/** Why a rolling window is shorter than anything that is counted where it begins, or null. */
export function whyTooShort(from: number, to: number, counted: CountedFrom): string | null {
  const isCounted = (since: number | null) => since !== null && since < from;
  if (isCounted(counted.slot)) return null;
  if (isCounted(counted.hour)) return to - from < hourMs ? why("hours", counted.slot) : null;
  return to - from < 24 * hourMs ? why("days", counted.hour ?? counted.slot) : null;
}

function why(what: string, since: number | null): string {
  return since === null
    ? `the app counts only ${what} and longer periods: see the resolution setting`
    : `the app counted only ${what} and longer periods before ${new Date(since).toISOString()}`;
}
