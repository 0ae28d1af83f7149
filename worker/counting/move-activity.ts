import type { Target } from "./aliases.ts";
import type { Calendar } from "./calendar.ts";
import type { SeriesPeriod } from "./sketch-parts.ts";
import type { SketchCache } from "./sketch-cache.ts";

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
function isRemoved(series: string): boolean {
  return series.startsWith(removedMark);
}

/** Days (`YYYY-MM-DD`) on which somebody was active, as somebody else knows. */
export interface ActiveDays {
  /** On these they were. */
  sure: readonly string[];
  /** On these they may have been: that is looked up where a sketch tells, which is while it is sparse. */
  perhaps: readonly string[];
}

/**
 * Moves what `from` did in the past to `target`, or takes it out of the counts where that is nobody.
 *
 * Somebody is removed only where they have been added, in the same turn if need be, so that what is removed is always a
 * part of what was added: however often and with whatever claims this is called, no count falls below the truth
 * of the others.
 *
 * @param stored the periods and series that hold sketches
 * In a large sketch almost everybody seems to be. Whoever is taken out of one in which they were not is missing from
 * its count, so where the caller knows the days a large sketch of another day is left alone.
 *
 * @param days when `from` was active, where the caller knows; else a test on the sketches tells, which is exact while
 *   they are sparse
 */
export function moveActivity(
  cache: SketchCache,
  stored: Iterable<SeriesPeriod>,
  from: number,
  target: Target,
  days: ActiveDays | null,
  calendar: Calendar,
): void {
  const spansOf = (some: readonly string[] = []) => some.map((day) => calendar.calendarPeriod("day", day));
  const [sure, perhaps] = [spansOf(days?.sure), spansOf(days?.perhaps)];
  const mover = cache.empty();
  mover.add(from);
  const moved = mover.clone();
  if (target !== null) moved.add(target);
  for (const of of stored) {
    if (isRemoved(of.series)) continue;
    // By its middle, so that a day that was cut in another zone is taken for the one it mostly was.
    const middle = (of.start + of.end) / 2;
    const isIn = (spans: ReturnType<typeof spansOf>) =>
      spans.some(({ from: begin, to: end }) => begin <= middle && middle < end);
    const isSure = days === null || isIn(sure);
    if (!isSure && !isIn(perhaps)) continue;
    const sketch = cache.read(of);
    if (!sketch?.mayHold(from) || !(isSure || sketch.isSparse)) continue;
    cache.merge(of, moved);
    cache.merge({ ...of, series: removedFrom(of.series) }, mover);
  }
}
