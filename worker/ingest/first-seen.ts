import type { Calendar } from "../counting/calendar.ts";
import { seriesOf } from "../counting/series.ts";
import { cohortDays, cohortWeeks, dayMs, maxBeatLeadMs } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";

/**
 * The day of the app's zone on which somebody first appeared. A day may be one ahead, since the zone of whoever tells it may be;
 * what lies further ahead is of a clock that was wrong and tells nothing.
 *
 * @param since Unix milliseconds, or a day of the app's zone
 * @param now Unix milliseconds
 */
export function firstDay(since: number | string, calendar: Calendar, now: number): Result<string> {
  const isAhead =
    typeof since === "number" ? since > now + maxBeatLeadMs : since > dateAt(calendar, now + dayMs);
  if (isAhead) return refused("since: in the future: expected the time when the user first appeared");
  if (typeof since === "string") return ok(since);
  return since >= 0 ? ok(dateAt(calendar, since)) : refused("since: expected an instant from 1970 to 9999");
}

/**
 * The series of those who first appeared with somebody: of the day while that is recent, and of its week; one for all weeks that
 * nothing can be asked about any more. So made-up days can't displace those that are asked for.
 *
 * A first day after the beat's own is kept as it is told: somebody belongs to one cohort, whichever beat tells of it.
 *
 * @param at when the user was active, Unix milliseconds
 */
export function cohorts(first: string, at: number, calendar: Calendar): string[] {
  const ageDays = Math.round((Date.parse(dateAt(calendar, at)) - Date.parse(first)) / dayMs);
  if (ageDays >= cohortWeeks * 7) return [seriesOf("week", "older")];
  const week = seriesOf("week", weekOf(calendar, first));
  return ageDays < cohortDays ? [seriesOf("cohort", first), week] : [week];
}

/** Since then clocks are changed at whole quarters of an hour everywhere; Newfoundland did it at 00:01 until 2011. */
const wholeQuartersFrom = Date.UTC(2012, 0);
const quarterMs = 15 * 60_000;
const maxRemembered = 50_000;

interface Dates {
  byQuarter: Map<number, string>;
  weeks: Map<string, string>;
}
const remembered = new WeakMap<Calendar, Dates>();

/** `Calendar.cutDateAt`, which takes 20 µs: a back-fill asks it twice a line. */
function dateAt(calendar: Calendar, at: number): string {
  if (at < wholeQuartersFrom) return calendar.cutDateAt(at);
  return memo(datesOf(calendar).byQuarter, Math.floor(at / quarterMs), () => calendar.cutDateAt(at));
}

function weekOf(calendar: Calendar, date: string): string {
  return memo(datesOf(calendar).weeks, date, () => calendar.weekOf(date));
}

function datesOf(calendar: Calendar): Dates {
  let dates = remembered.get(calendar);
  if (dates === undefined) {
    dates = { byQuarter: new Map(), weeks: new Map() };
    remembered.set(calendar, dates);
  }
  return dates;
}

function memo<Key>(known: Map<Key, string>, key: Key, find: () => string): string {
  let value = known.get(key);
  if (value === undefined) {
    value = find();
    if (known.size >= maxRemembered) known.clear();
    known.set(key, value);
  }
  return value;
}
