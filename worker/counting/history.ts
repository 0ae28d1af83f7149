import type { Counted, GrowthStates } from "../sketch/index.ts";
import type { Calendar } from "./calendar.ts";
import { atLeast } from "./nested.ts";
import { People } from "./people.ts";
import type { Period } from "./periods.ts";
import { everyone, seriesOf } from "./series.ts";
import { SlidingUnion } from "./sliding-union.ts";

/** The figures that are kept of a day for good. `from` and `to` are Unix milliseconds. */
export interface DayRow {
  date: string;
  from: number;
  to: number;
  dau: Counted;
  wau: Counted;
  mau: Counted;
  new: Counted;
  /** Growth accounting of the day, and of the week that begins with it, once computed; rows of 0.1 have none. */
  growth?: { day?: KeptGrowth | undefined; week?: KeptGrowth | undefined } | undefined;
}

/** Growth accounting as it was computed of a period. */
export interface KeptGrowth extends GrowthStates {
  /** Figures of what it was computed from: where they are others now, activity has come late. */
  of: string;
  /** Whether the period after it was over; if not, no rate is known. */
  hasNext: boolean;
  /** Whether activity was known of all the time that the states look back on. */
  isWhole: boolean;
}

/** A calendar day as it was cut: one period, or two where the time zone changed. */
export interface CutDay {
  date: string;
  /** The date by the zone that cut it, under which those who first appeared on it are counted. */
  cohort: string;
  from: number;
  to: number;
  pieces: Period[];
}

/** The periods that some days were cut from, in their order. */
export function piecesOf(days: readonly CutDay[]): Period[] {
  return days.flatMap((day) => day.pieces);
}

/** Gives the people of one series over periods. */
export type Read = (pieces: readonly Period[], series: string) => People;

export const weekDays = 7;
export const monthDays = 30;

/** The days that touch `from` (included) to `to` (not included), named by the date that the app's zone shows at their middle. */
export function cutDays(calendar: Calendar, from: number, to: number): CutDay[] {
  const days: CutDay[] = [];
  for (const piece of calendar.daysBetween(from, to)) {
    const middle = (piece.start + piece.end) / 2;
    const date = calendar.dateAt(middle);
    const last = days.at(-1);
    if (last?.date === date) {
      last.pieces.push(piece);
      last.to = piece.end;
    } else {
      days.push({
        date,
        cohort: calendar.cutDateAt(middle),
        from: piece.start,
        to: piece.end,
        pieces: [piece],
      });
    }
  }
  return days;
}

/** The series of those who first appeared on a day, or in the week in which it lies. */
export function cohortSeries(interval: "day" | "week", day: CutDay, calendar: Calendar): string {
  return interval === "day" ? seriesOf("cohort", day.cohort) : seriesOf("week", calendar.weekOf(day.cohort));
}

/**
 * For each of `days` the people of the `width` days that end with it. `before` are the days right before the first,
 * at least `width - 1` of them where there are that many. Costs a few unions a day, whatever the width.
 */
function rollingPeople(
  before: readonly CutDay[],
  days: readonly CutDay[],
  width: number,
  read: (day: CutDay) => People,
  keyId: number,
): People[] {
  const window = new SlidingUnion<People>((a, b) => People.union([a, b], keyId));
  for (const day of width > 1 ? before.slice(1 - width) : []) window.push(read(day));
  return days.map((day) => {
    window.push(read(day));
    if (window.size > width) window.shift();
    return window.union() as People;
  });
}

/** People of some days, and how many they are counted to be. */
interface CountedPeople {
  people: People;
  counted: Counted;
}

/**
 * Like {@link rollingPeople}, with their counts: those of a day are never more than those of its week, nor these than those
 * of its month. Only where somebody was removed can the errors of the one be larger than those of the other.
 */
export function rollingCounts(
  before: readonly CutDay[],
  days: readonly CutDay[],
  width: number,
  read: (day: CutDay) => People,
  keyId: number,
): CountedPeople[] {
  const counts = (of: number) =>
    rollingPeople(before, days, of, read, keyId).map((people) => ({ people, counted: people.counted() }));
  const whole = counts(width);
  if (whole.every(({ people }) => people.removed.isEmpty)) return whole;
  const parts = [1, weekDays].filter((narrower) => narrower < width).map(counts);
  return whole.map(({ people, counted }, index) => ({
    people,
    counted: parts.reduce((sum, part) => atLeast(sum, part[index]!.counted), counted),
  }));
}

/** The rows of days, from their sketches. */
export function dayRows(
  before: readonly CutDay[],
  days: readonly CutDay[],
  read: Read,
  keyId: number,
): DayRow[] {
  const daily = memoized((day: CutDay) => read(day.pieces, everyone));
  const week = rollingCounts(before, days, weekDays, daily, keyId);
  const month = rollingCounts(before, days, monthDays, daily, keyId);
  return days.map((day, index) => ({
    date: day.date,
    from: day.from,
    to: day.to,
    dau: daily(day).counted(),
    wau: week[index]!.counted,
    mau: month[index]!.counted,
    new: read(day.pieces, seriesOf("cohort", day.cohort)).counted(),
  }));
}

function memoized<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { value: Value }>();
  return (key) => {
    let held = made.get(key);
    if (held === undefined) {
      held = { value: make(key) };
      made.set(key, held);
    }
    return held.value;
  };
}
