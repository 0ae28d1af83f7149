import {
  dayMs,
  hourReachMs,
  maxCachedSketchBytes,
  reachMarginMs,
  slotReachMs,
  zoneLeadMs,
  hourMs,
} from "../limits.ts";
import { countOf, decode, encode, HyperLogLog } from "../sketch/index.ts";
import { Calendar, changeZone, type ZoneHistory } from "./calendar.ts";
import { partKey, type SeriesPeriod, type SketchPart } from "./parts.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { type AppConfig, defaultSettings, type Settings } from "./settings.ts";
import { alignStart, coverWindow } from "./windows.ts";

/** The durable store of one roll-up. What is written in one turn becomes durable together, or not at all. */
export interface RollupStore {
  getSketch(of: SeriesPeriod): Uint8Array | null;
  putSketch(part: SketchPart): void;
  /** Forgets the sketches of one kind whose period ended at or before `end`. */
  dropEndedBy(kind: PeriodKind, end: number): void;
  /** The start of the oldest day that holds activity, or null. */
  firstDay(): number | null;
  /** A value that was put under this name, or null. */
  getMeta(name: string): unknown;
  putMeta(name: string, value: unknown): void;
}

/** A count over a window with its 95 % interval, or why there is none. Times are Unix milliseconds. */
export interface WindowCount {
  from: number;
  to: number;
  count: number | null;
  low: number | null;
  high: number | null;
  reason?: string;
}

/** Everything one app has counted: settings, merged sketches, and answers. */
export class RollupState {
  readonly #store: RollupStore;
  readonly #keyId: number;
  readonly #cache = new Map<string, HyperLogLog | null>();
  #cachedBytes = 0;
  #calendar: Calendar;

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: RollupStore, keyId: number) {
    this.#store = store;
    this.#keyId = keyId;
    this.#calendar = new Calendar(this.#zones());
  }

  /** Takes up what a shard pushes. Absorbing the same parts again, or in another order, changes nothing. */
  absorb(parts: readonly SketchPart[]): void {
    for (const { sketch: bytes, ...of } of parts) {
      const risen = decode(bytes);
      const held = this.#read(of)?.clone() ?? new HyperLogLog(this.#keyId);
      if (!held.merge(risen)) continue;
      this.#store.putSketch({ ...of, sketch: encode(held) });
      this.#remember(partKey(of), held);
    }
  }

  /** How many people were active from `from` (included) to `to` (not included), both Unix milliseconds. */
  count(from: number, to: number, now: number): WindowCount {
    const first = this.#store.firstDay();
    // Nothing lies before the first day, so a window that begins earlier need not be cut into empty days.
    const since = Math.min(Math.max(from, first ?? now), to - 1);
    const cover = coverWindow(since, to, now, this.#calendar);
    const covered = { from: Math.min(cover.from, alignStart(from, now, this.#calendar)), to: cover.to };
    const reason = this.#whyBlank(covered, first, now);
    if (reason !== null) return { ...covered, count: null, low: null, high: null, reason };
    return { ...covered, ...countOf(this.#union(cover.pieces, "")) };
  }

  /** Settings and the history of zones. */
  config(): AppConfig {
    const settings = { ...defaultSettings, ...(this.#store.getMeta("settings") as Partial<Settings> | null) };
    const shardsEver = (this.#store.getMeta("shardsEver") as number | null) ?? settings.shards;
    return { settings, zones: this.#zones(), shardsEver };
  }

  /** Changes settings; members that are absent keep their value. The shards should have pushed just before. */
  changeSettings(change: Partial<Settings>, now: number): AppConfig {
    const before = this.config();
    const settings = { ...before.settings, ...change };
    this.#store.putMeta("settings", settings);
    if (settings.timeZone !== before.settings.timeZone) {
      const changeAt = Math.ceil((now + zoneLeadMs) / hourMs) * hourMs;
      const zones = changeZone(before.zones, settings.timeZone, this.#store.firstDay(), changeAt);
      this.#store.putMeta("zones", zones);
      this.#calendar = new Calendar(zones);
    }
    this.#store.putMeta("shardsEver", Math.max(before.shardsEver, settings.shards));
    return this.config();
  }

  /** Forgets the periods that are past what is kept. */
  expire(now: number): void {
    this.#store.dropEndedBy("slot", now - slotReachMs - reachMarginMs);
    this.#store.dropEndedBy("hour", now - hourReachMs - reachMarginMs);
    const first = this.#store.firstDay();
    const keptFrom = this.#keptFrom(now);
    this.#store.dropEndedBy("day", keptFrom);
    if (first !== null && first < keptFrom) this.#store.putMeta("daysDropped", true);
    this.#cache.clear();
    this.#cachedBytes = 0;
  }

  /** The calendar in which this app's questions are asked. */
  get calendar(): Calendar {
    return this.#calendar;
  }

  #zones(): ZoneHistory {
    return (
      (this.#store.getMeta("zones") as ZoneHistory | null) ?? [{ from: 0, zone: defaultSettings.timeZone }]
    );
  }

  /** Start of the oldest day that is still kept at `now`. */
  #keptFrom(now: number): number {
    return this.#calendar.dayAt(now - this.config().settings.retentionDays * dayMs).start;
  }

  #whyBlank(covered: { from: number; to: number }, first: number | null, now: number): string | null {
    if (first === null) return "no activity has been recorded yet";
    const keptFrom = this.#keptFrom(now);
    if (covered.from < keptFrom && this.#store.getMeta("daysDropped") === true) {
      return `past retention: activity is kept from ${new Date(keptFrom).toISOString()} on`;
    }
    if (covered.to <= first) return `before the first activity, which was on ${this.#calendar.dateAt(first)}`;
    return null;
  }

  #union(pieces: readonly Period[], series: string): HyperLogLog {
    const sketches = pieces.map((piece) => this.#read({ ...piece, series }));
    return HyperLogLog.union(
      sketches.filter((sketch) => sketch !== null),
      this.#keyId,
    );
  }

  #read(of: SeriesPeriod): HyperLogLog | null {
    const key = partKey(of);
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      // The map's order is the order of use: the first key is the one to let go.
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const bytes = this.#store.getSketch(of);
    const sketch = bytes === null ? null : decode(bytes);
    this.#remember(key, sketch);
    return sketch;
  }

  #remember(key: string, sketch: HyperLogLog | null): void {
    this.#cachedBytes += sizeOf(sketch) - sizeOf(this.#cache.get(key));
    this.#cache.delete(key);
    this.#cache.set(key, sketch);
    for (const [oldKey, old] of this.#cache) {
      if (this.#cachedBytes <= maxCachedSketchBytes) break;
      this.#cache.delete(oldKey);
      this.#cachedBytes -= sizeOf(old);
    }
  }
}

/** Rough bytes of a cached sketch, or of the knowledge that there is none. */
function sizeOf(sketch: HyperLogLog | null | undefined): number {
  return sketch === undefined ? 0 : 200 + (sketch?.byteLength ?? 0);
}
