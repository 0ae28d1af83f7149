import { slotMinutes, slotsPerDay } from "./limits.ts";
import { slotMs } from "./wire.ts";

/** The number of the day, in the zone of this device, in which a slot lies. */
export function dayOf(slot: number): number {
  return Math.floor((slot - new Date(slot * slotMs).getTimezoneOffset() / slotMinutes) / slotsPerDay);
}

/**
 * Days as 32 bits, where bit k stands for the day k days before that of one slot, counted back from another slot instead. What
 * falls out at either end is forgotten.
 */
export function shiftDays(days: number, from: number, to: number): number {
  return (days * 2 ** (dayOf(to) - dayOf(from))) >>> 0;
}
