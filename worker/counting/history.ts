import type { Counted } from "../sketch/index.ts";
import type { Calendar } from "./calendar.ts";
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
}

/** A calendar day as it was cut: one period, or two where the time zone changed. */
export interface CutDay {
  date: string;
  from: number;
  to: number;
  pieces: Period[];
}

/** Gives the people of one series over periods. */
export type Read = (pieces: readonly Period[], series: string) => People;

export const weekDays = 7;
export const monthDays = 30;

/** The days that touch `from` (included) to `to` (not included), named by the date that the app's zone shows at their middle. */
export function cutDays(calendar: Calendar, from: number, to: number): CutDay[] {
  const days: CutDay[] = [];
  for (const piece of calendar.daysBetween(from, to)) {
    const date = calendar.dateAt((piece.start + piece.end) / 2);
    const last = days.at(-1);
    if (last?.date === date) {
      last.pieces.push(piece);
      last.to = piece.end;
    } else {
      days.push({ date, from: piece.start, to: piece.end, pieces: [piece] });
    }
  }
  return days;
}

/**
 * For each of `days` the people of the `width` days that end with it. `before` are the days right before the first,
 * at least `width - 1` of them where there are that many. Costs a few unions a day, whatever the width.
 */
export function rollingPeople(
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

/** The rows of days, from their sketches. */
export function dayRows(
  before: readonly CutDay[],
  days: readonly CutDay[],
  read: Read,
  keyId: number,
): DayRow[] {
  const daily = memoized((day: CutDay) => read(day.pieces, everyone));
  const week = rollingPeople(before, days, weekDays, daily, keyId);
  const month = rollingPeople(before, days, monthDays, daily, keyId);
  return days.map((day, index) => ({
    date: day.date,
    from: day.from,
    to: day.to,
    dau: daily(day).counted(),
    wau: (week[index] as People).counted(),
    mau: (month[index] as People).counted(),
    new: read(day.pieces, seriesOf("cohort", day.date)).counted(),
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
