import { alarmOverdueMs, clockGapMs, hourMs, recomputeSoonMs } from "../limits.ts";

/** When a roll-up that has just recomputed does so next, Unix milliseconds: a little after the hour, not all apps at once. */
export function hourlyAlarm(now: number): number {
  return (Math.floor(now / hourMs) + 1) * hourMs + Math.random() * 5 * 60_000;
}

/**
 * When a roll-up is to recompute, Unix milliseconds, or null where it is left as it is: soon after a start, so that what the hours
 * before brought is in the history, and where the hourly alarm is missing or long overdue, and so was lost, or far ahead, and so
 * was set by a clock that was ahead.
 *
 * @param alarm when it is set to, or null
 * @param hasRecomputed whether this instance has recomputed
 */
export function soonAlarm(alarm: number | null, hasRecomputed: boolean, now: number): number | null {
  const isArmed = alarm !== null && alarm > now - alarmOverdueMs && alarm < now + clockGapMs;
  if (isArmed && (hasRecomputed || alarm <= now + recomputeSoonMs)) return null;
  return now + recomputeSoonMs;
}
