import { slotMs } from "../../sdk/wire.ts";

/** Beats of the last minutes meet in sketches that are open anyway. */
const freshMs = 2 * slotMs;

/**
 * What a beat costs of an address' share. One of now costs 1, whatever its dimensions: it meets all others of its slot. One from the past
 * opens sketches of an hour of its own for each of its dimensions, and costs as many.
 *
 * @param beat as it was sent, not looked at yet
 * @param now what the clock said by which it was stamped; Unix milliseconds
 */
export function beatCost(beat: unknown, now: number): number {
  const { at, dimensions } = (beat ?? {}) as { at?: unknown; dimensions?: unknown };
  const isFresh = at === undefined || (typeof at === "number" && now - at <= freshMs);
  const isSplit = typeof dimensions === "object" && dimensions !== null;
  return isFresh || !isSplit ? 1 : 1 + Object.keys(dimensions).length;
}
