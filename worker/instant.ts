import { Temporal } from "temporal-polyfill";
import { ok, refused, type Result } from "./result.ts";

/** In what a bare number counts since the beginning of 1970. */
export type TimeUnit = "ms" | "s";

/** The year 9999 ends here. */
const maxInstant = 253_402_300_799_999;

/**
 * Numbers of these sizes count today's time in another unit, so nobody means them in the one that was asked for. Smaller ones are
 * of a clock that began with 1970 when its battery was empty.
 */
const secondsOfToday = { from: 1e9, to: 1e11 };
const microsecondsFrom = 1e15;

const examples = {
  ms: "Unix milliseconds (1795203773000)",
  s: "Unix seconds (1795203773)",
};
const iso = "ISO 8601 with a zone (2026-11-19T10:00:00Z)";

/**
 * An instant, as Unix milliseconds (a number, or in digits) or in ISO 8601 with a zone. Days and hours that don't exist are
 * refused, and so are numbers that are plainly of another unit.
 *
 * @param unit what a bare number counts
 */
export function readInstant(input: unknown, unit: TimeUnit = "ms"): Result<number> {
  if (typeof input === "number") return readNumber(input, unit);
  if (typeof input === "string") {
    if (/^-?\d{1,20}(\.\d{1,9})?$/.test(input)) return readNumber(Number(input), unit);
    if (/^\d{4}-\d\d-\d\d[T ]/i.test(input)) return readIso(input);
  }
  return refused(`expected ${examples[unit]} or ${iso}`);
}

/** A day that exists, `YYYY-MM-DD`. */
export function readDay(input: unknown): Result<string> {
  return isDate(input) && exists(() => Temporal.PlainDate.from(input, { overflow: "reject" }))
    ? ok(input)
    : refused("expected a day that exists, written YYYY-MM-DD");
}

/** An instant as a number of Unix milliseconds, or a day as a text. */
export function readInstantOrDay(input: unknown, unit: TimeUnit = "ms"): Result<number | string> {
  if (isDate(input)) return readDay(input);
  if (typeof input === "number" || (typeof input === "string" && /^\d/.test(input))) {
    return readInstant(input, unit);
  }
  return refused(`expected ${examples[unit]}, ${iso}, or a day (2026-11-19)`);
}

function readNumber(number: number, unit: TimeUnit): Result<number> {
  if (unit === "ms" && number >= secondsOfToday.from && number < secondsOfToday.to) {
    return refused("looks like seconds: expected milliseconds");
  }
  if (unit === "s" && number >= secondsOfToday.to) {
    return refused("looks like milliseconds: expected seconds");
  }
  if (number >= microsecondsFrom) return refused("looks like microseconds or less: expected milliseconds");
  const at = unit === "s" ? Math.round(number * 1000) : number;
  if (!Number.isInteger(at)) return refused(`expected ${examples[unit]} as a whole number`);
  return at >= 0 && at <= maxInstant ? ok(at) : refused("expected an instant from 1970 to 9999");
}

function readIso(text: string): Result<number> {
  const [, zone] =
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text) ?? [];
  if (zone === undefined) return refused("expected a zone at the end: Z, or an offset such as +01:00");
  let at = Number.NaN;
  // Not `Date.parse`, which takes 30 February for 2 March.
  if (!exists(() => (at = Temporal.Instant.from(text).epochMilliseconds))) {
    return refused(`expected a day and a time that exist, in ${iso}`);
  }
  return at >= 0 && at <= maxInstant ? ok(at) : refused("expected an instant from 1970 to 9999");
}

function isDate(input: unknown): input is string {
  return typeof input === "string" && /^\d{4}-\d\d-\d\d$/.test(input);
}

function exists(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}
