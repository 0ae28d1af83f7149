import type { PointRow } from "../../../sdk/answers.ts";
import { day, instant } from "../format.ts";

/** The index of the first day that isn't over, where a line begins to be provisional. */
export function openFrom(points: readonly PointRow[]): number {
  const index = points.findIndex(({ closed }) => !closed);
  return index === -1 ? points.length : index;
}

/** Points without the days before anything was known, so that a young app's chart isn't mostly empty. */
export function sinceKnown(points: readonly PointRow[]): PointRow[] {
  const first = points.findIndex((point) => point.count != null || point.percent != null);
  return first === -1 ? [...points] : points.slice(first);
}

/** The place that is read while no cursor is on a chart: the last day that is over. */
export function restingPlace(points: readonly PointRow[]): number {
  return Math.max(0, openFrom(points) - 1);
}

/**
 * A day in words; where times are written in another zone than the days are cut in, with its beginning there.
 */
export function dayInWords(point: PointRow, appZone: string, zone: string): string {
  const name = `${day(point.date, "long")}${point.closed ? "" : ", so far"}`;
  return zone === appZone ? name : `${name} (from ${instant(point.from, zone)})`;
}
