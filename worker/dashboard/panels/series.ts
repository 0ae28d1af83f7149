import type { Count, PointRow } from "../../../sdk/answers.ts";
import type { Figure, Place } from "../chart-panel.tsx";
import { day, instant } from "../format.ts";

/** Points without the days before anything was known, so that a young app's chart isn't mostly empty. */
export function sinceKnown(points: readonly PointRow[] = []): PointRow[] {
  const first = points.findIndex((point) => point.count != null || point.percent != null);
  return points.slice(Math.max(first, 0));
}

/** Days in words; where times are written in another zone than the days are cut in, with their beginning there. */
export function daysOf(points: readonly PointRow[], appZone: string, zone: string): Place[] {
  return points.map(({ date, from, closed }) => {
    const name = `${day(date, "long")}${closed ? "" : ", so far"}`;
    const words = zone === appZone ? name : `${name} (from ${instant(from, zone)})`;
    return { date, words, isOpen: !closed };
  });
}

/** A count of the API as a figure. */
export function figureOf({ count, low, high, reason }: Partial<Count> | PointRow): Figure {
  return { value: count ?? null, low, high, reason };
}
