import type { MetaStore } from "./meta-store.ts";
import { clockConfirmMs, clockGapMs } from "../limits.ts";

/** When the clock was last looked at and believed, and, where it has jumped ahead since, to when. Unix milliseconds. */
interface ClockNote {
  believedAt: number;
  jumpedTo?: number;
}

/**
 * Whether the clock is believed so far that what is past its time may be deleted. A clock that is years ahead for a moment would
 * have everything deleted, and nothing brings it back. So after a jump nothing is, until the clock has gone on from there as time
 * passes. A service that was stopped for long can't be told from a jump: there, too, it is only later.
 */
export function isClockSure(store: MetaStore, now: number): boolean {
  const before = store.getMeta("clock") as ClockNote | null;
  const after = look(before, now);
  store.putMeta("clock", after);
  return after.believedAt === now;
}

function look(note: ClockNote | null, now: number): ClockNote {
  // A clock that was set back deletes less than it has already.
  if (note === null || now <= note.believedAt + clockGapMs) return { believedAt: now };
  const { believedAt, jumpedTo = Infinity } = note;
  const passedMs = now - jumpedTo;
  if (passedMs < 0 || passedMs > clockGapMs) return { believedAt, jumpedTo: now };
  return passedMs >= clockConfirmMs ? { believedAt: now } : { believedAt, jumpedTo };
}
