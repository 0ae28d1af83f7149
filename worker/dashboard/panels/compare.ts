import type { PointRow } from "../../../sdk/answers.ts";
import { change, dayAfter, daysBetween, number } from "../format.ts";
import type { Dates } from "../period.ts";

/** A day of the range, and the day that it is compared with where there is one. */
export interface Pair {
  point: PointRow;
  other: PointRow | undefined;
}

/**
 * Lays two series of days beside each other: the first day of `dates` beside `from`, and so on. No day of the range is
 * compared with one of the range itself, as at the end of a month after a shorter one, unless `from` lies in it.
 */
export function pairUp(
  points: readonly PointRow[],
  others: readonly PointRow[],
  dates: Dates,
  from: string,
): Pair[] {
  const on = new Map(others.map((other) => [other.date, other]));
  return points.map((point) => {
    const date = dayAfter(from, daysBetween(dates.from, point.date));
    return { point, other: from < dates.from && date >= dates.from ? undefined : on.get(date) };
  });
}

/** By how much a day differs from the one that it is compared with; empty while one of them isn't over or isn't known. */
export function changeOf(pair: Pair | undefined): string {
  if (pair === undefined) return "";
  const { point, other } = pair;
  if (!point.closed || !other?.closed || point.count == null || !other.count) return "";
  return change((point.count / other.count - 1) * 100);
}

/** The averages of both periods, over the days that are over and known in both. */
export function averagesOf(pairs: readonly Pair[]): string {
  const whole = pairs.filter(
    ({ point, other }) => point.closed && other?.closed && point.count != null && other.count != null,
  );
  const days = whole.length;
  if (days === 0) return "No full day is known in both periods yet.";
  const mean = (member: "count" | "low" | "high", side: "point" | "other") =>
    whole.reduce((sum, pair) => sum + (pair[side]?.[member] ?? pair[side]?.count ?? 0), 0) / days;
  const [now, before] = [mean("count", "point"), mean("count", "other")];
  // Errors of one period may all point the same way, so that the mean's interval is no narrower than a day's.
  const isClear =
    mean("low", "point") > mean("high", "other") || mean("high", "point") < mean("low", "other");
  const verdict =
    before === 0 || now === before
      ? ""
      : isClear
        ? ` (${change((now / before - 1) * 100)})`
        : " (no clear difference: the intervals overlap)";
  return `Average of ${days} full ${days === 1 ? "day" : "days"} known in both periods: ${number(now)}, compared with ${number(before)}${verdict}.`;
}
