import type { Calendar } from "../counting/calendar.ts";
import { Refusal } from "../http/problem.ts";

/** Refuses a query in which a member stands twice. */
export function checkOnce(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (query.getAll(name).length > 1) throw new Refusal("invalid-query", `${name}: expected once`);
  }
}

/** A member that is one of a few words; the first of them when it is absent. */
export function choiceIn<Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const said = query.get(name) ?? words[0];
  const word = words.find((known) => known === said);
  if (word === undefined) throw new Refusal("invalid-query", `${name}: expected one of ${words.join(", ")}`);
  return word;
}

/** A member that is a whole number from 1 to `most`. */
export function numberIn(query: URLSearchParams, name: string, absent: number, most: number): number {
  const text = query.get(name) ?? String(absent);
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most)
    throw new Refusal("invalid-query", `${name}: expected a whole number from 1 to ${most}`);
  return value;
}

/** The calendar period around a date that a member names, or a refusal. */
export function calendarPeriodIn(
  name: string,
  unit: "day" | "week" | "month",
  date: string,
  calendar: Calendar,
) {
  if (/^\d{4}-\d\d-\d\d$/.test(date)) {
    try {
      return calendar.calendarPeriod(unit, date);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new Refusal("invalid-query", `${name}: expected a day that exists, written YYYY-MM-DD`);
}
