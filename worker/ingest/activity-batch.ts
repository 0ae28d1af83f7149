import type { Calendar } from "../counting/calendar.ts";
import type { ActivityPart } from "../counting/parts.ts";
import { type Period, periodAt } from "../counting/periods.ts";
import { hourReachMs, slotReachMs } from "../limits.ts";
import type { Acknowledged } from "./acknowledged.ts";
import type { ValidBeat } from "./beat.ts";
import type { UserHasher } from "./user-hash.ts";

/** Gathers beats as hashed entries by shard and period. From here on nobody's id is known. */
export class ActivityBatch {
  readonly #hasher: UserHasher;
  readonly #calendar: Calendar;
  readonly #shards: number;
  readonly #acknowledged: Acknowledged;
  readonly #parts = new Map<number, Map<string, { of: Period; entries: number[] }>>();
  #size = 0;

  constructor(hasher: UserHasher, calendar: Calendar, shards: number, acknowledged: Acknowledged) {
    this.#hasher = hasher;
    this.#calendar = calendar;
    this.#shards = shards;
    this.#acknowledged = acknowledged;
  }

  /** Beats taken up since the last `take`. */
  get size(): number {
    return this.#size;
  }

  /** Takes up a beat, or returns false where its like is durable already and nothing is left to do. */
  add(beat: ValidBeat, now: number): boolean {
    const { entry, spread } = this.#hasher.hash(beat.space, beat.id);
    const shard = spread % this.#shards;
    const slot = periodAt("slot", beat.at);
    if (this.#acknowledged.has(slot.start, shard, entry)) return false;
    let parts = this.#parts.get(shard);
    if (parts === undefined) {
      parts = new Map();
      this.#parts.set(shard, parts);
    }
    for (const period of this.#periodsOf(beat.at, now)) {
      const key = `${period.kind}${period.start}`;
      const part = parts.get(key);
      if (part === undefined) parts.set(key, { of: period, entries: [entry] });
      else part.entries.push(entry);
    }
    this.#size++;
    return true;
  }

  /** Remembers parts that are durable now, so that their like in the running slot need not be sent again. */
  remember(shard: number, parts: readonly ActivityPart[], now: number): void {
    const { start } = periodAt("slot", now);
    const current = parts.find((part) => part.kind === "slot" && part.start === start);
    for (const entry of current?.entries ?? []) this.#acknowledged.add(start, shard, entry);
  }

  /** What was gathered, by shard; the batch is empty again. */
  take(): Map<number, ActivityPart[]> {
    const taken = new Map<number, ActivityPart[]>();
    for (const [shard, parts] of this.#parts) {
      taken.set(
        shard,
        Array.from(parts.values(), ({ of, entries }) => ({
          ...of,
          series: "",
          entries: Uint32Array.from(entries),
        })),
      );
    }
    this.#parts.clear();
    this.#size = 0;
    return taken;
  }

  /** The day always; the hour and the slot only while they can still be asked for. */
  #periodsOf(at: number, now: number): Period[] {
    const periods = [this.#calendar.dayAt(at)];
    if (now - at <= hourReachMs) periods.push(periodAt("hour", at));
    if (now - at <= slotReachMs) periods.push(periodAt("slot", at));
    return periods;
  }
}
