import { maxHours, slotsPerHour } from "./limits.ts";

/**
 * Adds the slot `now` to those that the server does not know of. The last one of each hour is enough, so a week
 * offline is at most 168 of them. What has become too old goes, and so does what a wrong clock has put into the
 * future.
 */
export function noteUnsent(unsent: readonly number[], now: number): number[] {
  const kept = unsent.filter((slot) => {
    const hoursAgo = ((now / slotsPerHour) | 0) - ((slot / slotsPerHour) | 0);
    return hoursAgo > 0 && hoursAgo < maxHours;
  });
  return [...kept, now];
}
