import { Temporal } from "temporal-polyfill";
import { dayMs } from "../limits.ts";
import type { Period } from "./periods.ts";

/** From `from` (Unix milliseconds) on, days are cut in `zone` (an IANA name). */
export interface ZoneSpan {
  from: number;
  zone: string;
}

/** The zones in which an app's days were cut, oldest first; the first one begins at minus infinity, written 0. */
export type ZoneHistory = readonly ZoneSpan[];

/** Days are looked up once a beat, and a back-fill jumps between them: this many UTC days are remembered. */
const maxRememberedDays = 2000;

/**
 * Cuts time into the days of one app.
 *
 * Every instant belongs to one day only, also where the time zone was changed: there the old zone's day ends
 * early and the new zone's begins late. That keeps a union of days exact whatever the history.
 */
export class Calendar {
  readonly #zones: ZoneHistory;
  readonly #days = new Map<number, Period[]>();

  constructor(zones: ZoneHistory) {
    if (zones.length === 0) throw new RangeError("a calendar needs at least one time zone");
    this.#zones = zones;
  }

  /** The zone that calendar questions are asked in: the newest, even before it begins to cut days. */
  get zone(): string {
    return (this.#zones.at(-1) as ZoneSpan).zone;
  }

  /** The day in which `at` lies. */
  dayAt(at: number): Period {
    const utcDay = Math.floor(at / dayMs);
    let days = this.#days.get(utcDay);
    if (days === undefined) {
      days = this.#cut(utcDay * dayMs, (utcDay + 1) * dayMs);
      if (this.#days.size >= maxRememberedDays) this.#days.clear();
      this.#days.set(utcDay, days);
    }
    return days.find((day) => at < day.end) as Period;
  }

  /** Whether a day begins at `at`. */
  isDayBoundary(at: number): boolean {
    return this.dayAt(at).start === at;
  }

  /** The days, in order, that touch `from` (included) to `to` (not included). */
  daysBetween(from: number, to: number): Period[] {
    const days: Period[] = [];
    for (let day = this.dayAt(from); day.start < to; day = this.dayAt(day.end)) days.push(day);
    return days;
  }

  /**
   * The calendar day, ISO week (from Monday) or month around a date, in the app's zone.
   * @param date `YYYY-MM-DD`; `RangeError` where there is no such date
   */
  calendarPeriod(unit: "day" | "week" | "month", date: string): { from: number; to: number } {
    const day = Temporal.PlainDate.from(date, { overflow: "reject" });
    const first =
      unit === "day"
        ? day
        : unit === "week"
          ? day.subtract({ days: day.dayOfWeek - 1 })
          : day.with({ day: 1 });
    const next = first.add(unit === "day" ? { days: 1 } : unit === "week" ? { weeks: 1 } : { months: 1 });
    return { from: midnight(first, this.zone), to: midnight(next, this.zone) };
  }

  /**
   * The date of the day in which `at` lies, by the zone that cut that day. It names the day's cohort: the app's zone may
   * be another one since, but what was counted keeps its name.
   */
  cutDateAt(at: number): string {
    return zoned(at, this.#spanAt(at).span.zone).toPlainDate().toString();
  }

  /** The date, `YYYY-MM-DD`, that the app's zone shows at `at`. */
  dateAt(at: number): string {
    return zoned(at, this.zone).toPlainDate().toString();
  }

  /** The Monday of a date's week. Asked once a beat, so by arithmetic. */
  weekOf(date: string): string {
    const day = Date.parse(date) / dayMs;
    // The first day of 1970 was a Thursday.
    const sinceMonday = (((day + 3) % 7) + 7) % 7;
    return new Date((day - sinceMonday) * dayMs).toISOString().slice(0, 10);
  }

  #cut(from: number, to: number): Period[] {
    const days: Period[] = [];
    for (let at = from; at < to; at = (days.at(-1) as Period).end) days.push(this.#dayContaining(at));
    return days;
  }

  #spanAt(at: number): { span: ZoneSpan; index: number } {
    const following = this.#zones.findIndex((span, index) => index > 0 && span.from > at);
    const index = following === -1 ? this.#zones.length - 1 : following - 1;
    return { span: this.#zones[index] as ZoneSpan, index };
  }

  #dayContaining(at: number): Period {
    const { span, index } = this.#spanAt(at);
    const today = zoned(at, span.zone).toPlainDate();
    const start = midnight(today, span.zone);
    const end = midnight(today.add({ days: 1 }), span.zone);
    return {
      kind: "day",
      start: index === 0 ? start : Math.max(start, span.from),
      end: Math.min(end, this.#zones[index + 1]?.from ?? end),
    };
  }
}

/**
 * The history after a change of zone at `now`. Days that hold activity stay as they were cut; the new zone cuts
 * what comes after `changeAt`, and also everything before the first activity, so that a back-fill that follows
 * the change is cut as its sender expects.
 *
 * @param firstActivity start of the oldest day that holds activity, or null
 * @param changeAt from when on every edge knows of the new zone
 */
export function changeZone(
  history: ZoneHistory,
  zone: string,
  firstActivity: number | null,
  changeAt: number,
): ZoneSpan[] {
  if (firstActivity === null) return [{ from: 0, zone }];
  const kept = history.filter((span, index) => index === 0 || span.from < changeAt);
  const inForce = kept.findLast((span, index) => index === 0 || span.from <= firstActivity) as ZoneSpan;
  const spans = [
    { from: 0, zone },
    { from: firstActivity, zone: inForce.zone },
    ...kept.slice(1).filter((span) => span.from > firstActivity),
    { from: changeAt, zone },
  ];
  return spans.filter((span, index) => span.zone !== spans[index - 1]?.zone);
}

/** Whether `zone` names a time zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  try {
    zoned(0, zone);
    return true;
  } catch {
    return false;
  }
}

function zoned(at: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

/** The first instant of a date: 00:00, or what follows where the clocks skip midnight. */
function midnight(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
}
