import type { Calendar } from "../counting/calendar.ts";
import { type GatheredPart, GatheredParts } from "../counting/gathered-parts.ts";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import { type Period, periodAt } from "../counting/periods.ts";
import { kindsAt, type Resolution } from "../counting/resolution.ts";
import { reachOf } from "../counting/series.ts";
import { isKept } from "../counting/windows.ts";
import type { BeatSeries } from "./beat-series.ts";
import type { UserHash } from "../counting/user-hash.ts";

/** Where the beats of one shard are gathered. */
interface Gathering {
  all: GatheredParts;
  last: Places | null;
}

/** Where the last beat went. Most go where the one before went. */
interface Places {
  day: Period;
  slotStart: number;
  series: BeatSeries;
  parts: GatheredPart[];
}

/** Gathers beats of hashed users by shard, period and series. */
export class ActivityBatch {
  readonly #calendar: Calendar;
  readonly #shards: number;
  readonly #kinds: (typeof kindsAt)[Resolution];
  readonly #gatherings = new Map<number, Gathering>();
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

  /**
   * Takes up a user's beat.
   * @param now of the whole batch
   */
  add({ entry, shardHash }: UserHash, at: number, series: BeatSeries, now: number, isProven = false): void {
    const shard = shardHash % this.#shards;
    let gathering = this.#gatherings.get(shard);
    if (gathering === undefined) {
      gathering = { all: new GatheredParts(), last: null };
      this.#gatherings.set(shard, gathering);
    }
    for (const part of this.#placesOf(gathering, at, series, now)) {
      part.entries.push(entry);
      part.isProven ||= isProven;
    }
    this.#size++;
  }

  #placesOf(gathering: Gathering, at: number, series: BeatSeries, now: number): readonly GatheredPart[] {
    const { all, last } = gathering;
    const day = this.#calendar.dayAt(at);
    const slot = periodAt("slot", at);
    if (last?.day === day && last.slotStart === slot.start && isSame(last.series, series)) return last.parts;
    const before = all.size;
    const parts: GatheredPart[] = [];
    const add = (period: Period, name: string) => parts.push(all.open({ ...period, series: name }));
    const hour = periodAt("hour", at);
    for (const name of series.everyPeriod) {
      const { hourMs, slotMs } = reachOf(name);
      add(day, name);
      if (this.#kinds.has("hour") && isKept(hour, hourMs, now)) add(hour, name);
      if (this.#kinds.has("slot") && isKept(slot, slotMs, now)) add(slot, name);
    }
    for (const name of series.dayOnly) add(day, name);
    this.#partCount += all.size - before;
    gathering.last = { day, slotStart: slot.start, series, parts };
    return parts;
  }

  /** What was gathered, by shard; the batch is empty again. */
  take(): Map<number, ActivityPart[]> {
    const taken = new Map(Array.from(this.#gatherings, ([shard, { all }]) => [shard, all.toParts()]));
    this.#gatherings.clear();
    this.#size = 0;
    this.#partCount = 0;
    return taken;
  }
}

function isSame(a: BeatSeries, b: BeatSeries): boolean {
  return isSameList(a.everyPeriod, b.everyPeriod) && isSameList(a.dayOnly, b.dayOnly);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
