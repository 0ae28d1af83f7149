import {
  dayMs,
  hourMs,
  hourReachMs,
  reachMarginMs,
  seriesHourReachMs,
  seriesSlotReachMs,
  slotReachMs,
  zoneLeadMs,
} from "../limits.ts";
import { type Counted, countOf, decode } from "../sketch/index.ts";
import { Calendar, changeZone, type ZoneHistory } from "./calendar.ts";
import { type AliasNews, Aliases, type AliasStore } from "./aliases.ts";
import { difference } from "./difference.ts";
import { moveActivity, removedFrom } from "./linking.ts";
import type { SeriesPeriod, SketchPart } from "./parts.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { everyone, reachOf, SeriesCap, seriesOf } from "./series.ts";
import { type AppConfig, defaultSettings, type Settings } from "./settings.ts";
import { SketchShelf, type SketchStore } from "./sketch-shelf.ts";
import { alignStart, coverWindow, type Present } from "./windows.ts";

/** The durable store of one roll-up. What is written in one turn becomes durable together, or not at all. */
export interface RollupStore extends SketchStore, AliasStore {
  /** The periods and series that hold sketches. */
  stored(): SeriesPeriod[];
  /** Forgets the sketches of one kind whose period ended at or before `end`, of everyone or of the other series. */
  dropEndedBy(kind: PeriodKind, end: number, of: "everyone" | "others"): void;
  /** The start of the oldest day that holds activity, or null. */
  firstDay(): number | null;
  /** The values of a dimension in periods of a kind that begin from `from` to before `to`. */
  valuesIn(kind: PeriodKind, from: number, to: number, dimension: string): string[];
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
  /** The count of each value, the largest first, when it was asked for. */
  groups?: GroupCount[];
}

/** The count of one value of a dimension. */
export interface GroupCount extends Counted {
  value: string;
}

/** Whom to count: everyone, the people of one series, or everyone and besides each value of a dimension. */
export type Scope =
  | { of: "everyone" }
  | { of: "series"; series: string }
  | { of: "groups"; dimension: string };

/** A user as hashed; see `UserHasher`. */
interface Hashed {
  entry: number;
  spread: number;
}

/** A change of who counts as whom: as another user, as nobody, or again. */
export type AliasChange =
  | { do: "link"; user: Hashed; to: Hashed }
  | { do: "exclude" | "include"; user: Hashed };

/** Everything one app has counted: settings, merged sketches, and answers. */
export class RollupState {
  readonly #store: RollupStore;
  readonly #shelf: SketchShelf;
  readonly #cap: SeriesCap;
  readonly #aliases: Aliases;
  #calendar: Calendar;

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: RollupStore, keyId: number) {
    this.#store = store;
    this.#shelf = new SketchShelf(store, keyId);
    this.#cap = new SeriesCap((kind, from, to, dimension) => store.valuesIn(kind, from, to, dimension));
    this.#aliases = new Aliases(store);
    this.#calendar = new Calendar(this.#zones());
  }

  /** Takes up what a shard pushes. Absorbing the same parts again, or in another order, changes nothing. */
  absorb(parts: readonly SketchPart[]): void {
    for (const { sketch, ...of } of parts) {
      this.#shelf.merge({ ...of, series: this.#cap.admit(of.series, of) }, decode(sketch));
    }
  }

  /** How many people were active from `from` (included) to `to` (not included), both Unix milliseconds. */
  count(from: number, to: number, now: number, scope: Scope = { of: "everyone" }): WindowCount {
    const series = scope.of === "series" ? scope.series : everyone;
    // Groups are asked for beside their total, so both cover the same time: that which the groups can.
    const reach = reachOf(scope.of === "groups" ? seriesOf(scope.dimension, "") : series);
    const first = this.#store.firstDay();
    const { pieces, ...covered } = this.#cover(from, to, first, { now, calendar: this.#calendar, reach });
    const reason = this.#whyBlank(covered, first, now);
    if (reason !== null) return { ...covered, count: null, low: null, high: null, reason };
    const total = this.#countSeries(pieces, series);
    if (scope.of !== "groups") return { ...covered, ...total };
    return { ...covered, ...total, groups: this.#groups(pieces, scope.dimension) };
  }

  /** What changed of the aliases since `seq`, for one shard. */
  aliasNews(seq: number, shard: number): AliasNews {
    return this.#aliases.news(seq, shard, this.config().settings.shards);
  }

  /**
   * Changes as whom a user counts from now on. Returns the shards that have to learn of it before
   * `moveHistory` is called.
   */
  changeAlias(change: AliasChange): number[] {
    const { shards } = this.config().settings;
    const spreads =
      change.do === "link"
        ? this.#aliases.link(change.user, change.to)
        : this.#aliases[change.do](change.user);
    return [...new Set(spreads.map((spread) => spread % shards))];
  }

  /** Moves what a user did in the past to whom he counts as now. All that he did should have been absorbed. */
  moveHistory(entry: number, days: readonly string[] | null): void {
    const target = this.#aliases.resolve(entry);
    const claimed = days === null ? null : new Set(days);
    for (const passed of this.#aliases.passed(entry)) {
      moveActivity(this.#shelf, this.#store.stored(), passed, target, claimed, this.#calendar);
    }
  }

  /** Settings and the history of zones. */
  config(): AppConfig {
    const settings = {
      ...defaultSettings,
      ...(this.#store.getMeta("settings") as Partial<Settings> | null),
    };
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
    if (settings.shards !== before.settings.shards) this.#aliases.touchAll();
    this.#store.putMeta("shardsEver", Math.max(before.shardsEver, settings.shards));
    return this.config();
  }

  /** Forgets the periods that are past what is kept. */
  expire(now: number): void {
    const drop = (kind: "slot" | "hour", of: "everyone" | "others", reachMs: number) =>
      this.#store.dropEndedBy(kind, now - reachMs - reachMarginMs, of);
    drop("slot", "everyone", slotReachMs);
    drop("slot", "others", seriesSlotReachMs);
    drop("hour", "everyone", hourReachMs);
    drop("hour", "others", seriesHourReachMs);
    const first = this.#store.firstDay();
    const keptFrom = this.#keptFrom(now);
    this.#store.dropEndedBy("day", keptFrom, "everyone");
    this.#store.dropEndedBy("day", keptFrom, "others");
    if (first !== null && first < keptFrom) this.#store.putMeta("daysDropped", true);
    this.#shelf.forget();
    this.#cap.forget();
  }

  #zones(): ZoneHistory {
    const zones = this.#store.getMeta("zones") as ZoneHistory | null;
    return zones ?? [{ from: 0, zone: defaultSettings.timeZone }];
  }

  /** Start of the oldest day that is still kept at `now`. */
  #keptFrom(now: number): number {
    return this.#calendar.dayAt(now - this.config().settings.retentionDays * dayMs).start;
  }

  /** The periods that cover a window. Nothing lies before the first day, so that need not be cut into empty days. */
  #cover(from: number, to: number, first: number | null, present: Present) {
    const since = Math.min(Math.max(from, first ?? present.now), to - 1);
    const cover = coverWindow(since, to, present);
    return { ...cover, from: Math.min(cover.from, alignStart(from, present)) };
  }

  #whyBlank(covered: { from: number; to: number }, first: number | null, now: number): string | null {
    if (first === null) return "no activity has been recorded yet";
    const keptFrom = this.#keptFrom(now);
    if (covered.from < keptFrom && this.#store.getMeta("daysDropped") === true) {
      return `past retention: activity is kept from ${new Date(keptFrom).toISOString()} on`;
    }
    if (covered.to <= first) {
      return `before the first activity, which was on ${this.#calendar.dateAt(first)}`;
    }
    return null;
  }

  /** Who was added less who was removed. */
  #countSeries(pieces: readonly Period[], series: string): Counted {
    const added = this.#shelf.union(pieces, series);
    const removed = this.#shelf.union(pieces, removedFrom(series));
    return removed.isEmpty ? countOf(added) : difference(added, removed);
  }

  #groups(pieces: readonly Period[], dimension: string): GroupCount[] {
    const values = new Set<string>();
    for (const kind of ["day", "hour", "slot"] as const) {
      const starts = pieces.filter((piece) => piece.kind === kind).map(({ start }) => start);
      if (starts.length === 0) continue;
      const found = this.#store.valuesIn(kind, Math.min(...starts), Math.max(...starts) + 1, dimension);
      for (const value of found) values.add(value);
    }
    return Array.from(values, (value) => ({
      value,
      ...this.#countSeries(pieces, seriesOf(dimension, value)),
    }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
}
