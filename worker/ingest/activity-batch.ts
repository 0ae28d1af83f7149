import type { Calendar } from "../counting/calendar.ts";
import { GatheredParts } from "../counting/gathered-parts.ts";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import { type Period, periodAt } from "../counting/periods.ts";
import { kindsAt, type Resolution } from "../counting/resolution.ts";
import { reachOf } from "../counting/series.ts";
import { isKept } from "../counting/windows.ts";
import type { BeatSeries } from "./beat-series.ts";
import type { UserHash } from "../counting/user-hash.ts";

/** Gathers beats of hashed users by shard, period and series. */
export class ActivityBatch {
  readonly #calendar: Calendar;
  readonly #shards: number;
  readonly #kinds: (typeof kindsAt)[Resolution];
  readonly #parts = new Map<number, GatheredParts>();
  #size = 0;
  #partCount = 0;

  /** @param resolution what is shorter is not counted */
  constructor(calendar: Calendar, shards: number, resolution: Resolution) {
    this.#kinds = kindsAt[resolution];
    this.#calendar = calendar;
    this.#shards = shards;
  }

  /** Beats taken up since the last `take`. */
  get size(): number {
    return this.#size;
  }

  /** Periods and series touched since the last `take`, over all shards. */
  get partCount(): number {
    return this.#partCount;
  }

  /** Takes up a user's beat. */
  add(
    { entry, shardHash }: UserHash,
    at: number,
    { everyPeriod, dayOnly }: BeatSeries,
    now: number,
    isProven = false,
  ): void {
    const shard = shardHash % this.#shards;
    const parts = this.#parts.get(shard) ?? new GatheredParts();
    this.#parts.set(shard, parts);
    const before = parts.size;
    const add = (period: Period, series: string) => parts.add({ ...period, series }, [entry], isProven);
    const day = this.#calendar.dayAt(at);
    const [hour, slot] = [periodAt("hour", at), periodAt("slot", at)];
    for (const series of everyPeriod) {
      const { hourMs, slotMs } = reachOf(series);
      add(day, series);
      if (this.#kinds.has("hour") && isKept(hour, hourMs, now)) add(hour, series);
      if (this.#kinds.has("slot") && isKept(slot, slotMs, now)) add(slot, series);
    }
    for (const series of dayOnly) add(day, series);
    this.#partCount += parts.size - before;
    this.#size++;
  }

  /** What was gathered, by shard; the batch is empty again. */
  take(): Map<number, ActivityPart[]> {
    const taken = new Map(Array.from(this.#parts, ([shard, parts]) => [shard, parts.toParts()]));
    this.#parts.clear();
    this.#size = 0;
    this.#partCount = 0;
    return taken;
  }
}
