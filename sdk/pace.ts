import { firstBackOffMs, spreadMs } from "./limits.ts";
import { slotMs } from "./wire.ts";

/** Until the next beat of a page that stays visible: early in a slot, but not at the same time as all others. */
export function nextBeatMs(intervalSeconds: number): number {
  return Math.max(intervalSeconds * 1000 || 0, slotMs) - (Date.now() % slotMs) + Math.random() * spreadMs;
}

/** Until the next attempt, after so many failures in a row: exponential with full jitter, a slot at most. */
export function backOffMs(failures: number): number {
  return Math.random() * Math.min(slotMs, firstBackOffMs * 2 ** failures);
}
