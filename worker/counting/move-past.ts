import type { Target } from "./aliases.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { isRemoved, removedFrom } from "./removed.ts";
import { cohortDimensions, cohortOf, everyone, seriesOf } from "./series.ts";
import type { SketchCache } from "./sketch-cache.ts";
import type { SeriesPeriod } from "./sketch-parts.ts";

/** A stretch of time: `from` is included, `to` is not; Unix milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Of what sketches are stored. */
export interface StoredSketches {
  /** The periods in which anybody was there, of those that end after an instant. */
  periods(since: number): Period[];
  /** All series that have sketches of some of these periods. */
  seriesIn(periods: readonly Period[]): SeriesPeriod[];
  /** The values of a dimension in the periods of a kind that begin from `from` to before `to`. */
  valuesIn(kind: PeriodKind, from: number, to: number, dimension: string): Iterable<string>;
}

/** What is known of a user's past when it is moved. */
export interface Claim {
  /** When it is moved, Unix milliseconds. */
  at: number;
  /** From when on and until when the user may have been active. */
  since: number;
  until: number;
  /** Days on which the user was active, as stretches of the app's days; null where nobody says. */
  days: Span[] | null;
  /** Instants at which the user was active, besides those days. */
  instants: number[];
  /** The series in which the beat that came with the claim was counted; null where none came. */
  series: string[] | null;
  /** Whether whoever claims is known: a server of the app, or a signed identity. */
  isVerified: boolean;
}

/** A day into which a target came on a link's account alone, and from which it is taken again if the link ends. */
export interface MovedDay {
  start: number;
  series: string;
  target: number;
}

/** What came of moving a past. */
export interface Moved {
  /** Whether every period is right. Where not, some large sketches were left as they are. */
  isExact: boolean;
  /** The days, of small sketches, into which the target came by this move. */
  days: MovedDay[];
}

/**
 * Of a closed day in a large sketch no more than this share is moved on the word of somebody who is not known: each
 * person taken out of a large sketch adds to its error, and made-up ones cost nothing.
 */
const maxUnverifiedShare = 0.02;

/**
 * Moves what `from` did in the past to `target`, or takes it out of the counts where that is nobody.
 *
 * A small sketch tells who is in it, so it is looked up. A large one doesn't: nearly everybody seems to be in it, and
 * whoever is removed without having been there is missing from its count. So in large sketches
 *
 * - somebody who is to count as nobody is first added and then removed, whether they were there or not: of the two
 *   counts the difference is right in either case;
 * - somebody who is to count as `target` is moved only where they are known to have been: in the periods that hold an
 *   instant of the claim, in the series of the beat that came with it, and on the days that are named. All other periods
 *   stay as they are.
 *
 * Somebody is removed only where they have been added, in the same turn if need be, so that what is removed is always a
 * part of what was added.
 *
 * Whoever is in a series is among everyone of the period, so that of most periods only that one sketch is read. Of a large period
 * the word of somebody who is not known is followed in the series that it can move, and in no others: there may be thousands.
 */
export function movePast(
  cache: SketchCache,
  stored: StoredSketches,
  from: number,
  target: Target,
  claim: Claim,
): Moved {
  const mover = cache.setOf(from);
  const moved: Moved = { isExact: true, days: [] };
  const periods = stored.periods(claim.since);
  const whole: Period[] = [];
  const large: Period[] = [];
  for (const period of periods) {
    const people = cache.read({ ...period, series: everyone });
    if (people === null) continue;
    if (people.isSparse ? people.mayHold(from) : target === null || claim.isVerified) whole.push(period);
    else if (!people.isSparse) large.push(period);
  }
  if (whole.length === 0 && large.length === 0) return moved;
  const cohorts = cohortsIn(stored, periods);
  const all = [...large.flatMap((period) => namedSeries(period, claim, cohorts)), ...stored.seriesIn(whole)];
  const homes = target === null ? [] : cohortsOf(cache, cohorts, periods, target);
  /** Adds the target to a series, where it was not told by itself that it was there. */
  const bring = (of: SeriesPeriod) => {
    if (target === null) return;
    const sketch = cache.read(of);
    const isNew = sketch === null || (sketch.isSparse && !sketch.mayHold(target));
    if (isNew && of.kind === "day") moved.days.push({ start: of.start, series: of.series, target });
    // A link that ended and holds again brings its target back.
    cache.take({ ...of, series: removedFrom(of.series) }, target);
    cache.merge(of, cache.setOf(target));
  };
  for (const of of all) {
    const sketch = isRemoved(of.series) ? null : cache.read(of);
    if (sketch === null) continue;
    if (sketch.isSparse) {
      if (!sketch.mayHold(from)) continue;
    } else if (!isMovable(cache, of, target, claim)) {
      if (isUntold(of, claim) && target !== null) moved.isExact = false;
      continue;
    }
    cache.merge(of, mover);
    cache.merge({ ...of, series: removedFrom(of.series) }, mover);
    // Whoever first appeared long ago is not new again on another device, and is of their own cohort wherever they are.
    if (cohortOf(of.series) === null || homes.length === 0) bring(of);
    if (of.series === everyone && of.kind === "day") for (const series of homes) bring({ ...of, series });
  }
  return moved;
}

/** Whether nothing says if the user was active on a day. */
function isUntold({ kind, start }: Period, { days, until }: Claim): boolean {
  return kind === "day" && days === null && start <= until;
}

/** The series of a large period in which the word of somebody who is not known counts. */
function namedSeries(period: Period, claim: Claim, cohorts: readonly string[]): SeriesPeriod[] {
  const names = new Set([everyone]);
  if (isNamed(period, claim) || isSeen(period, claim)) {
    for (const name of claim.series ?? []) names.add(name);
    if (period.kind === "day") for (const cohort of cohorts) names.add(cohort);
  }
  return Array.from(names, (series) => ({ ...period, series }));
}

/** The cohorts that are kept of some days: a hundred at most. */
function cohortsIn(stored: StoredSketches, periods: readonly Period[]): string[] {
  const starts = periods.flatMap(({ kind, start }) => (kind === "day" ? [start] : []));
  if (starts.length === 0) return [];
  const [from, to] = [Math.min(...starts), Math.max(...starts) + 1];
  return cohortDimensions.flatMap((dimension) =>
    Array.from(stored.valuesIn("day", from, to, dimension), (value) => seriesOf(dimension, value)),
  );
}

/** The cohorts that somebody is of, as far as small sketches tell. */
function cohortsOf(
  cache: SketchCache,
  cohorts: readonly string[],
  periods: readonly Period[],
  entry: number,
): string[] {
  const days = periods.filter((period) => {
    const people = period.kind === "day" ? cache.read({ ...period, series: everyone }) : null;
    return people !== null && (!people.isSparse || people.mayHold(entry));
  });
  return cohorts.filter((series) => days.some((day) => holds(cache, { ...day, series }, entry)));
}

/** Whether somebody may be moved within a large sketch. */
function isMovable(cache: SketchCache, of: SeriesPeriod, target: Target, claim: Claim): boolean {
  const { at, days, series, isVerified } = claim;
  if (target === null)
    return (
      days === null || isNamed(of, claim) || (of.kind !== "day" && days.some((day) => isWithin(of, day)))
    );
  const isSeries = of.series === everyone || (series?.includes(of.series) ?? false);
  if (!isSeries || !(isNamed(of, claim) || isSeen(of, claim))) return false;
  if (isVerified || at < of.end) return true;
  const removed = cache.read({ ...of, series: removedFrom(of.series) })?.count() ?? 0;
  return removed < maxUnverifiedShare * (cache.read(of)?.count() ?? 0);
}

/** Whether a period is a day that is named. */
function isNamed(period: Period, { days }: Claim): boolean {
  return period.kind === "day" && (days ?? []).some((day) => mostlyOverlap(period, day));
}

/** Whether a period holds an instant at which the user was active. */
function isSeen({ start, end }: Period, { instants }: Claim): boolean {
  return instants.some((instant) => start <= instant && instant < end);
}

/** Takes targets out of days into which they came on the account of a link that has ended. */
export function takeBack(cache: SketchCache, stored: StoredSketches, days: readonly MovedDay[]): void {
  if (days.length === 0) return;
  const first = Math.min(...days.map(({ start }) => start));
  const periods = new Map(
    stored.periods(first).flatMap((period) => (period.kind === "day" ? [[period.start, period]] : [])),
  );
  for (const { start, series, target } of days) {
    const period = periods.get(start);
    if (period === undefined || cache.read({ ...period, series }) === null) continue;
    cache.merge({ ...period, series: removedFrom(series) }, cache.setOf(target));
  }
}

/**
 * Gives somebody days back that were taken from `before`, the entry as which they were counted then. In a small sketch
 * that is in each series in which they were, in a large one in the count of everyone.
 */
export function giveBack(
  cache: SketchCache,
  stored: StoredSketches,
  before: number,
  now: number,
  days: readonly Span[],
): void {
  const mover = cache.setOf(now);
  const first = Math.min(...days.map(({ from }) => from));
  const named = stored
    .periods(first)
    .filter((period) => period.kind === "day" && days.some((day) => mostlyOverlap(period, day)));
  for (const of of stored.seriesIn(named)) {
    if (isRemoved(of.series)) continue;
    const sketch = cache.read(of);
    if (sketch?.isSparse ? sketch.mayHold(before) : of.series === everyone) cache.merge(of, mover);
  }
}

function holds(cache: SketchCache, of: SeriesPeriod, entry: number): boolean {
  const sketch = cache.read(of);
  return sketch !== null && sketch.isSparse && sketch.mayHold(entry);
}

function isWithin({ start, end }: Period, { from, to }: Span): boolean {
  return from <= start && end <= to;
}

/** Whether a day as it was cut and one that is named are the same for the most part: the zone may have changed since. */
function mostlyOverlap({ start, end }: Period, { from, to }: Span): boolean {
  const shared = Math.min(end, to) - Math.max(start, from);
  return shared > 0 && 2 * shared >= Math.min(end - start, to - from);
}
