import { dateDaysAgo, dayAfter, daysBetween, isDate } from "./format.ts";

/** The days that the trends show: as many as end today, the running week or month, or from one day to another. */
export type Range = 30 | 90 | 365 | "week" | "month" | Dates;

/** Days from a first to a last, both `YYYY-MM-DD` and both shown. */
export interface Dates {
  from: string;
  to: string;
}

/**
 * What the days are compared with: as many days just before them, the same weekdays before them, the days a year before
 * them, or as many days from a day on.
 */
export type Comparison = "previous" | "weekdays" | "year" | { from: string };

/** As many days as `/v1/timeseries` answers about. */
export const maxRangeDays = 800;

/** The days of a range, given today in the app's zone. Weeks begin on Monday, as the API's do. */
export function datesOf(range: Range, today: string): Dates {
  if (typeof range === "number") return { from: dayAfter(today, 1 - range), to: today };
  if (range === "month") return { from: `${today.slice(0, 8)}01`, to: today };
  if (range === "week") return { from: dayAfter(today, -((new Date(today).getUTCDay() + 6) % 7)), to: today };
  return range;
}

/** The first of the days with which a range is compared; there are as many of them as there are in the range. */
export function comparedFrom(range: Range, comparison: Comparison, today: string): string {
  const { from, to } = datesOf(range, today);
  const days = daysBetween(from, to) + 1;
  if (typeof comparison === "object") return comparison.from;
  if (comparison === "year") return yearBefore(from);
  if (comparison === "weekdays" || range === "week") return dayAfter(from, -7 * Math.ceil(days / 7));
  // A month to date is read against the beginning of the month before.
  return range === "month" ? `${dayAfter(from, -1).slice(0, 8)}01` : dayAfter(from, -days);
}

/** The range that a text of an address names; null where it names none. */
export function readRange(text: string | null): Range | null {
  if (text === "week" || text === "month") return text;
  if (text === "30" || text === "90" || text === "365") return Number(text) as 30 | 90 | 365;
  const [from = "", to = "", ...more] = text?.split("..") ?? [];
  if (!isDate(from) || !isDate(to) || more.length > 0) return null;
  const days = daysBetween(from, to) + 1;
  return days >= 1 && days <= maxRangeDays ? { from, to } : null;
}

export function writeRange(range: Range): string {
  return typeof range === "object" ? `${range.from}..${range.to}` : String(range);
}

/** The comparison that a text of an address names; null where it names none. */
export function readComparison(text: string | null): Comparison | null {
  if (text === "previous" || text === "weekdays" || text === "year") return text;
  return text !== null && isDate(text) ? { from: text } : null;
}

export function writeComparison(comparison: Comparison): string {
  return typeof comparison === "object" ? comparison.from : comparison;
}

/** Today in the app's zone. */
export function todayIn(zone: string): string {
  return dateDaysAgo(0, zone);
}

/** The same date of the year before; of 29 February, the 28th. */
function yearBefore(date: string): string {
  const year = String(Number(date.slice(0, 4)) - 1).padStart(4, "0");
  const same = year + date.slice(4);
  return isDate(same) ? same : `${year}-02-28`;
}
