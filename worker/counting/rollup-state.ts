import {
  dayMs,
  hourReachMs,
  maxReadyUnions,
  reachMarginMs,
  seriesHourReachMs,
  seriesSlotReachMs,
  slotReachMs,
} from "../limits.ts";
import { type Counted, decode } from "../sketch/index.ts";
import type { Calendar } from "./calendar.ts";
import { type Alias, type AliasNews, Aliases, type AliasStore } from "./aliases.ts";
import { cutDays, type DayRow, dayRows, monthDays } from "./history.ts";
import { type ActiveDays, moveActivity, removedFrom } from "./move-activity.ts";
import { People } from "./people.ts";
import type { SeriesPeriod, SketchPart } from "./sketch-parts.ts";
import { shardsOf } from "./shards-of.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { everyone, reachOf, SeriesCap, seriesOf } from "./series.ts";
import { AppSettings, type SettingsStore } from "./app-settings.ts";
import type { UserHash } from "./user-hash.ts";
import { SketchCache, type SketchStore } from "./sketch-cache.ts";
import { Counters, type CounterValues } from "./counters.ts";
import { alignStart, type Cover, coverWindow, type Present } from "./windows.ts";

/** The durable store of one roll-up. What is written in one turn becomes durable together, or not at all. */
export interface RollupStore extends SketchStore, AliasStore, SettingsStore {
  /** The periods and series that hold sketches. */
  stored(): SeriesPeriod[];
  /** Forgets the sketches of one kind whose period ended at or before `end`, of everyone or of the other series. */
  dropEndedBy(kind: PeriodKind, end: number, of: "everyone" | "others"): void;
  /** The values of a dimension in periods of a kind that begin from `from` to before `to`. */
  valuesIn(kind: PeriodKind, from: number, to: number, dimension: string): string[];
  putDayRow(row: DayRow): void;
  /** The rows of days that begin from `from` to before `to`, in order. */
  dayRows(from: number, to: number): DayRow[];
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

/** A change of who counts as whom: as another user, as nobody, or again. */
export type AliasChange =
  | { do: "link"; user: UserHash; to: UserHash; onlyIfFree: boolean }
  | { do: "exclude" | "include"; user: UserHash };

/** Everything one app has counted: settings, merged sketches, and answers. */
export class RollupState {
  /** Which key the users were hashed with. */
  readonly keyId: number;
  /** How often an answer was found ready, and how often it had to be united. */
  readonly unionCounts = { hits: 0, unions: 0 };
  readonly settings: AppSettings;
  readonly #store: RollupStore;
  readonly #cache: SketchCache;
  readonly #cap: SeriesCap;
  readonly #aliases: Aliases;
  readonly #united = new Map<string, People>();
  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: RollupStore, keyId: number) {
    this.keyId = keyId;
    this.#store = store;
    this.settings = new AppSettings(store);
    this.#cache = new SketchCache(store, keyId);
    this.#cap = new SeriesCap((kind, from, to, dimension) => store.valuesIn(kind, from, to, dimension));
    this.#aliases = new Aliases(store);
  }

  /** Takes up what a shard pushes. Absorbing the same parts again, or in another order, changes nothing. */
  absorb(parts: readonly SketchPart[]): void {
    let firstTouched = Infinity;
    for (const { sketch, ...asked } of parts) {
      const of = { ...asked, series: this.#cap.admit(asked.series, asked) };
      const isNew = this.#cache.merge(of, decode(sketch));
      if (isNew && of.kind === "day") firstTouched = Math.min(firstTouched, of.start);
      if (isNew) this.#united.clear();
    }
    this.#rewriteHistoryFrom(firstTouched);
  }

  /** Adds to the counts of what the service did. */
  addServiceCounts(counts: CounterValues): void {
    const counters = new Counters();
    counters.add(this.serviceCounts());
    counters.add(counts);
    this.#store.putMeta("tally", counters.take());
  }

  /** What the service did so far. */
  serviceCounts(): CounterValues {
    return (this.#store.getMeta("tally") as CounterValues | null) ?? {};
  }

  /** How many people were active from `from` (included) to `to` (not included), both Unix milliseconds. */
  count(from: number, to: number, now: number, scope: Scope = { of: "everyone" }): WindowCount {
    const series = scope.of === "series" ? scope.series : everyone;
    // Groups are asked for beside their total, so both cover the same time: that which the groups can.
    const reach = reachOf(scope.of === "groups" ? seriesOf(scope.dimension, "") : series);
    const { pieces, ...covered } = this.cover(from, to, { now, calendar: this.calendar, reach });
    const reason = this.whyBlank(covered, now);
    if (reason !== null) return { ...covered, count: null, low: null, high: null, reason };
    const total = this.people(pieces, series).counted();
    if (scope.of !== "groups") return { ...covered, ...total };
    return { ...covered, ...total, groups: this.#groups(pieces, scope.dimension) };
  }

  /** What changed of the aliases since `seq`, for one shard. */
  aliasNews(seq: number, shard: number): AliasNews {
    return this.#aliases.news(seq, shard, this.settings.config().shardsEver);
  }

  /**
   * Changes as whom a user counts from now on. Returns the shards that have to learn of it before
   * `moveHistory` is called.
   */
  changeAlias(change: AliasChange): number[] {
    const { shardsEver } = this.settings.config();
    const shardHashes =
      change.do === "link"
        ? this.#aliases.link(change.user, change.to, change.onlyIfFree)
        : this.#aliases[change.do](change.user);
    return [
      ...new Set(
        [change.user.shardHash, ...shardHashes].flatMap((shardHash) => shardsOf(shardHash, shardsEver)),
      ),
    ];
  }

  /** Moves what a user did in the past to whom they count as now. All of it should have been absorbed. */
  moveHistory(entry: number, days: ActiveDays | null): void {
    const target = this.#aliases.resolve(entry);
    for (const passed of this.#aliases.passed(entry)) {
      moveActivity(this.#cache, this.#store.stored(), passed, target, days, this.calendar);
    }
    this.#united.clear();
    this.#rewriteHistoryFrom(this.#store.firstDay() ?? Infinity);
  }

  /** Takes over who counts as whom where the app was before. What is known here goes first: it may be newer. */
  adoptAlias({ entry, shardHash, target, targetShardHash }: Omit<Alias, "seq">): void {
    const user = { entry, shardHash };
    if (this.#store.getAlias(entry) !== null) return;
    if (target === null) this.#aliases.exclude(user);
    else this.#aliases.link(user, { entry: target, shardHash: targetShardHash });
  }

  /** Lets go of all that is in memory: what was written could not be kept. */
  forget(): void {
    this.#cache.forget();
    this.#cap.forget();
    this.#united.clear();
    this.settings.forget();
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
    const keptFrom = this.settings.keptFrom(now);
    this.#store.dropEndedBy("day", keptFrom, "everyone");
    this.#store.dropEndedBy("day", keptFrom, "others");
    if (first !== null && first < keptFrom) this.#store.putMeta("daysDropped", true);
    this.#cache.forget();
    this.#cap.forget();
    this.#united.clear();
  }

  /** Writes a row for each closed day that has none yet or that has changed since: what outlives the sketches. */
  recordHistory(now: number): void {
    const from = this.#store.getMeta("historyFrom") as number | null;
    const keptFrom = this.settings.keptFrom(now);
    const today = this.calendar.dayAt(now).start;
    if (from === null || from >= today) return;
    const start = Math.max(from, keptFrom);
    const before = cutDays(this.calendar, Math.max(start - monthDays * dayMs, keptFrom), start);
    const days = cutDays(this.calendar, start, today);
    const read = (pieces: readonly Period[], series: string) => this.#unite(pieces, series);
    for (const row of dayRows(before, days, read, this.keyId)) this.#store.putDayRow(row);
    this.#store.putMeta("historyFrom", today);
  }

  /** The rows that were written of days that begin from `from` to before `to`. */
  dayRows(from: number, to: number): DayRow[] {
    return this.#store.dayRows(from, to);
  }

  /** The app's days. */
  get calendar(): Calendar {
    return this.settings.calendar;
  }

  /** The start of the oldest day that holds activity, or null. */
  firstDay(): number | null {
    return this.#store.firstDay();
  }

  /** Who was active in these periods, of one series. */
  people(pieces: readonly Period[], series: string): People {
    const key = `${series}\n${pieces.map(({ kind, start }) => kind + start).join()}`;
    const ready = this.#united.get(key);
    if (ready !== undefined) {
      this.unionCounts.hits++;
      return ready;
    }
    const people = this.#unite(pieces, series);
    if (this.#united.size >= maxReadyUnions) this.#united.clear();
    this.#united.set(key, people);
    return people;
  }

  /** The values of a dimension that were seen in these periods. */
  values(pieces: readonly Period[], dimension: string): Set<string> {
    const values = new Set<string>();
    for (const kind of ["day", "hour", "slot"] as const) {
      const starts = pieces.filter((piece) => piece.kind === kind).map(({ start }) => start);
      if (starts.length === 0) continue;
      const found = this.#store.valuesIn(kind, Math.min(...starts), Math.max(...starts) + 1, dimension);
      for (const value of found) values.add(value);
    }
    return values;
  }

  /** The periods that cover a window. Nothing lies before the first day, so that need not be cut into empty days. */
  cover(from: number, to: number, present: Present): Cover {
    const since = Math.min(Math.max(from, this.firstDay() ?? present.now), to - 1);
    const cover = coverWindow(since, to, present);
    return { ...cover, from: Math.min(cover.from, alignStart(from, present)) };
  }

  /** Why nothing is known of a stretch of time, or null. */
  whyBlank(covered: { from: number; to: number }, now: number): string | null {
    const first = this.firstDay();
    if (first === null) return "no activity has been recorded yet";
    const dropped = this.whyDropped(covered.from, now);
    if (dropped !== null) return dropped;
    if (covered.to <= first) {
      return `before the first activity, which was on ${this.calendar.dateAt(first)}`;
    }
    return null;
  }

  /** Says so where sketches of days from `from` on have been dropped, else null. */
  whyDropped(from: number, now: number): string | null {
    const keptFrom = this.settings.keptFrom(now);
    if (from >= keptFrom || this.#store.getMeta("daysDropped") !== true) return null;
    return `past retention: activity is kept from ${new Date(keptFrom).toISOString()} on`;
  }

  #unite(pieces: readonly Period[], series: string): People {
    this.unionCounts.unions++;
    return new People(this.#cache.union(pieces, series), this.#cache.union(pieces, removedFrom(series)));
  }

  #rewriteHistoryFrom(start: number): void {
    const from = (this.#store.getMeta("historyFrom") as number | null) ?? Infinity;
    if (start < from) this.#store.putMeta("historyFrom", start);
  }

  #groups(pieces: readonly Period[], dimension: string): GroupCount[] {
    return Array.from(this.values(pieces, dimension), (value) => ({
      value,
      ...this.people(pieces, seriesOf(dimension, value)).counted(),
    }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
}
