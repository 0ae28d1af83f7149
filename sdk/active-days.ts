import { dayMs, minuteMs } from "./limits.ts";
import { slotMs } from "./wire.ts";

/** The number of the day, in the zone of this device, in which a slot lies. */
export function dayOf(slot: number): number {
  const at = slot * slotMs;
  return Math.floor((at - new Date(at).getTimezoneOffset() * minuteMs) / dayMs);
}

/** Days as 32 bits: bit k stands for the day k days before that of `slot`. */
export function bitmapOf(days: readonly number[], slot: number): number {
  const bitOf = (day: number) => (dayOf(slot) - day) >>> 0 < 32 && 1 << (dayOf(slot) - day);
  return days.reduce((bits, day) => bits | Number(bitOf(day)), 0) >>> 0;
}
