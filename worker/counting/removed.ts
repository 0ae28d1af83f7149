/**
 * A HyperLogLog can't forget anybody, so each period and series has two: who was added, and who of these was
 * removed. What counts is the first less the second (a two-phase set). Both only grow, so merging stays idempotent
 * and free of order. The removed ones lie under the series' name with this before it, which begins no other name.
 */
const removedMark = "-";

/** The series that holds who was removed from `series`. */
export function removedFrom(series: string): string {
  return removedMark + series;
}

/** Whether a stored series holds who was removed from another. */
export function isRemoved(series: string): boolean {
  return series.startsWith(removedMark);
}
