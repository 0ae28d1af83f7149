import { maxHours, slotsPerHour } from "./limits.ts";

/**
 * The slots that the server does not know of, with `now`. The first and the last one of each hour are enough, wherever
 * in it a midnight lies (at its half in India, at a quarter in Nepal), so a week offline is at most 336 of them. What has
 * become too old goes, and so does what a wrong clock has put into the future.
 */
export function noteUnsent(unsent: readonly number[], now: number): number[] {
  const hoursAgo = (slot: number) => Math.floor(now / slotsPerHour) - Math.floor(slot / slotsPerHour);
  return [...new Set([...unsent, now])]
    .filter((slot) => slot <= now && hoursAgo(slot) < maxHours)
    .filter((slot, i, all) => [all[i - 1], all[i + 1]].some((other) => hoursAgo(other!) !== hoursAgo(slot)));
}
