import type { Calendar } from "../counting/calendar.ts";
import { ok, refused, type Result } from "../result.ts";

/** Refuses a query in which a member stands twice. */
export function checkOnce(query: URLSearchParams): Result<null> {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (seen.has(name)) return refused(`${name}: expected only once`);
    seen.add(name);
  }
  return ok(null);
}

/** A member that is one of a few words; the first of them when it is absent. */
export function choiceIn<const Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly [Word, ...Word[]],
): Result<Word> {
  const said = query.get(name) ?? words[0];
  const word = words.find((known) => known === said);
  return word === undefined ? refused(`${name}: expected one of ${words.join(", ")}`) : ok(word);
}

/** A member that is a whole number from 1 to `most`. */
export function numberIn(query: URLSearchParams, name: string, absent: number, most: number): Result<number> {
  const text = query.get(name) ?? String(absent);
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most
    ? ok(value)
    : refused(`${name}: expected a whole number from 1 to ${most}`);
}

/** The calendar period around a date that a member names. Unix milliseconds, `to` not included. */
export function calendarPeriodIn(
  name: string,
  unit: "day" | "week" | "month",
  date: string,
  calendar: Calendar,
): Result<{ from: number; to: number }> {
  if (/^\d{4}-\d\d-\d\d$/.test(date)) {
    try {
      return ok(calendar.calendarPeriod(unit, date));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return refused(`${name}: expected a day that exists, written YYYY-MM-DD`);
}
