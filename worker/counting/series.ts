import { hourReachMs, seriesHourReachMs, seriesSlotReachMs, slotReachMs } from "../limits.ts";
import type { Period, PeriodKind } from "./periods.ts";

/**
 * A series is a part of an app's people: `""` is everyone, `platform=web` those seen with that value of a
 * dimension, `cohort=2026-11-01` those who first appeared on that day, `week=2026-10-26` in that week.
 */
export const everyone = "";

/** What does not fit among a dimension's values is counted under this one. */
const otherValue = "(other)";

/** The series of one value of a dimension. */
export function seriesOf(dimension: string, value: string): string {
  return `${dimension}=${value}`;
}

/** The series of those values of the same dimension that are not kept apart. */
export function otherSeriesOf(series: string): string {
  return seriesOf(series.slice(0, series.indexOf("=")), otherValue);
}

/** The value that a series stands for. */
export function valueOf(series: string): string {
  return series.slice(series.indexOf("=") + 1);
}

/** The names before `=` of the series that are cohorts. */
export const cohortDimensions = ["cohort", "week"] as const;

/** The day, or the Monday, of which a series holds those who first appeared then; null for any other series. */
export function cohortOf(series: string): string | null {
  return /^(?:cohort|week)=(.*)$/.exec(series)?.[1] ?? null;
}

/** How far back slots and hours of a series can be asked for, in milliseconds. */
export interface Reach {
  slotMs: number;
  hourMs: number;
}

const everyoneReach: Reach = { slotMs: slotReachMs, hourMs: hourReachMs };
const seriesReach: Reach = { slotMs: seriesSlotReachMs, hourMs: seriesHourReachMs };

export function reachOf(series: string): Reach {
  return series === everyone ? everyoneReach : seriesReach;
}

const utcDayMs = 86_400_000;

/** Up to how many values of a dimension one more is taken: of anybody's, that was there the day before, that proved itself. */
interface ValueLimits {
  new: number;
  known: number;
  proven: number;
}

type KnownValues = (kind: PeriodKind, from: number, to: number, dimension: string) => Iterable<string>;

interface HeldValues {
  day: number;
  values: Set<string>;
  /** Those of the day before; null until it matters. */
  before: Set<string> | null;
}

/**
 * Keeps a dimension from growing without bound: in the periods of one kind that begin on one UTC day it has at most so
 * many values, first come first served, with room for those that are not made up; the rest become `(other)`.
 */
export class SeriesCap {
  readonly #limits: ValueLimits;
  readonly #known: KnownValues;
  readonly #values = new Map<string, HeldValues>();

  /** @param known the values that are there already, of periods of a kind that begin from `from` to before `to` */
  constructor(limits: ValueLimits, known: KnownValues = () => []) {
    this.#limits = limits;
    this.#known = known;
  }

  /**
   * The series under which to count in this period.
   *
   * @param isProven whether somebody vouches for who is counted in it: the app's server, or a signed identity
   */
  admit(series: string, { kind, start }: Period, isProven = false): string {
    if (series === everyone) return series;
    const dimension = series.slice(0, series.indexOf("="));
    const day = Math.floor(start / utcDayMs);
    const key = `${kind}/${day}/${dimension}`;
    let held = this.#values.get(key);
    if (held === undefined) {
      const values = new Set(this.#known(kind, day * utcDayMs, (day + 1) * utcDayMs, dimension));
      held = { day, values, before: null };
      this.#values.set(key, held);
    }
    const { values } = held;
    const value = valueOf(series);
    if (values.has(value)) return series;
    const { new: forAll, known, proven } = this.#limits;
    const most = isProven
      ? proven
      : values.size >= forAll && this.#wasThere(held, dimension, value)
        ? known
        : forAll;
    if (values.size >= most) return seriesOf(dimension, otherValue);
    values.add(value);
    return series;
  }

  /** Whether a value was kept apart on the day before. */
  #wasThere(held: HeldValues, dimension: string, value: string): boolean {
    const { day } = held;
    held.before ??= new Set(this.#known("day", (day - 1) * utcDayMs, day * utcDayMs, dimension));
    return held.before.has(value);
  }

  /** Lets go of what it remembers of periods that began before `before`; if asked again it looks up what is known. */
  forget(before = Infinity): void {
    for (const [key, { day }] of this.#values) if ((day + 1) * utcDayMs <= before) this.#values.delete(key);
  }
}
