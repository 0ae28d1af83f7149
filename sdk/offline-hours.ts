import { maxHours, slotsPerHour } from "./limits.ts";

const hourOf = (slot: number) => Math.floor(slot / slotsPerHour);

/**
 * The slots that the server does not know of, with `now`. The first and the last one of each hour are enough, wherever
 * in it a midnight lies (at its half in India, at a quarter in Nepal), so a week offline is at most 336 of them. What has
 * become too old goes, and so does what a wrong clock has put into the future.
 */
export function noteUnsent(unsent: readonly number[], now: number): number[] {
  const past = unsent.filter((slot) => slot < now && hourOf(now) - hourOf(slot) < maxHours);
  // The hour's first one stays, its last one has become this one.
  if (hourOf(past.at(-2)!) === hourOf(now)) past.pop();
  return [...past, now];
}
