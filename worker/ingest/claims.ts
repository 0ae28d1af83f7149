import type { Calendar } from "../counting/calendar.ts";
import type { Claim, Span } from "../counting/move-past.ts";
import { dayMs, maxDaysOfInstallation } from "../limits.ts";
import type { AnonymousLink } from "../schemas/link-schema.ts";
import { clockShiftMs } from "./clock-shift.ts";

/** What a server of the app says of a user's past. Instants are Unix milliseconds. */
interface Told {
  days: readonly string[] | null;
  first?: number | null;
  last?: number | null;
}

/** What a server of the app claims. */
export function serverClaim(
  { days, first = null, last = null }: Told,
  calendar: Calendar,
  now: number,
): Claim {
  return {
    at: now,
    since: first ?? 0,
    until: last ?? now,
    days: days && daySpans(days, calendar),
    instants: [first, last].filter((at) => at !== null),
    series: null,
    isVerified: true,
  };
}

/**
 * What an installation claims when somebody signs in there for the first time. It was active now, when it was first seen,
 * and on the days that it tells of; of longer ago than a month it has nothing to tell.
 *
 * @param series in which the beat that came with the claim was counted
 * @param isVerified whether a signed identity vouches for the user
 */
export function installationClaim(
  { first, days, now: clientNow }: AnonymousLink,
  calendar: Calendar,
  now: number,
  series: readonly string[],
  isVerified: boolean,
): Claim {
  const shiftMs = clockShiftMs(clientNow ?? undefined, now);
  const since = now - maxDaysOfInstallation * dayMs;
  const firstAt = first === null ? null : Math.min(first + shiftMs, now);
  return {
    at: now,
    since,
    until: now,
    days: spansOf(days, calendar, since, now),
    instants: [now, ...(firstAt !== null && firstAt >= since ? [firstAt] : [])],
    series: [...series],
    isVerified,
  };
}

function spansOf(days: AnonymousLink["days"], calendar: Calendar, since: number, now: number): Span[] | null {
  if (days === null) return null;
  if (typeof days !== "number") {
    // Anybody may name hundreds, and each costs time: those that can't matter are not looked at. A client's day may be one ahead.
    const [first, last] = [calendar.dateAt(since), calendar.dateAt(now + dayMs)];
    return daySpans(
      [...new Set(days)].filter((day) => first <= day && day <= last),
      calendar,
    );
  }
  const ago = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (days >>> bit) & 1);
  return daySpans([...new Set(ago.map((bit) => calendar.dateAt(now - bit * dayMs)))], calendar);
}

function daySpans(days: readonly string[], calendar: Calendar): Span[] {
  return days.map((day) => calendar.calendarPeriod("day", day));
}
