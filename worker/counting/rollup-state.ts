import {
  dayMs,
  hourMs,
  hourReachMs,
  maxReadyUnions,
  reachMarginMs,
  seriesHourReachMs,
  seriesSlotReachMs,
  slotReachMs,
  zoneLeadMs,
} from "../limits.ts";
import { type Counted, decode } from "../sketch/index.ts";
import { Calendar, changeZone, type ZoneHistory } from "./calendar.ts";
import { type Alias, type AliasNews, Aliases, type AliasStore } from "./aliases.ts";
import { cutDays, type DayRow, dayRows, monthDays } from "./history.ts";
import { type ActiveDays, moveActivity, removedFrom } from "./move-activity.ts";
import { People } from "./people.ts";
import type { SeriesPeriod, SketchPart } from "./sketch-parts.ts";
import { shardsOf } from "./shards-of.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { everyone, reachOf, SeriesCap, seriesOf } from "./series.ts";
import { type AppConfig, defaultSettings, type Settings } from "./settings.ts";
import { SketchShelf, type SketchStore } from "./sketch-cache.ts";
import { Tally, type TallyCounts } from "./counters.ts";
import { alignStart, type Cover, coverWindow, type Present } from "./windows.ts";

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
  putDayRow(row: DayRow): void;
  /** The rows of days that begin from `from` to before `to`, in order. */
  dayRows(from: number, to: number): DayRow[];
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
  | { do: "link"; user: Hashed; to: Hashed; onlyIfFree: boolean }
  | { do: "exclude" | "include"; user: Hashed };

/** Everything one app has counted: settings, merged sketches, and answers. */
export class RollupState {
  /** Which key the users were hashed with. */
  readonly keyId: number;
  /** How often an answer was found ready, and how often it had to be united. */
  readonly tally = { hits: 0, unions: 0 };
  readonly #store: RollupStore;
  readonly #shelf: SketchShelf;
  readonly #cap: SeriesCap;
  readonly #aliases: Aliases;
  readonly #united = new Map<string, People>();
  #calendar: Calendar;

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: RollupStore, keyId: number) {
    this.keyId = keyId;
    this.#store = store;
    this.#shelf = new SketchShelf(store, keyId);
    this.#cap = new SeriesCap((kind, from, to, dimension) => store.valuesIn(kind, from, to, dimension));
    this.#aliases = new Aliases(store);
    this.#calendar = new Calendar(this.#zones());
  }

  /** Takes up what a shard pushes. Absorbing the same parts again, or in another order, changes nothing. */
  absorb(parts: readonly SketchPart[]): void {
    let firstTouched = Infinity;
    for (const { sketch, ...asked } of parts) {
      const of = { ...asked, series: this.#cap.admit(asked.series, asked) };
      const isNew = this.#shelf.merge(of, decode(sketch));
      if (isNew && of.kind === "day") firstTouched = Math.min(firstTouched, of.start);
      if (isNew) this.#united.clear();
    }
    this.#rewriteHistoryFrom(firstTouched);
  }

  /** Adds to the counts of what the service did. */
  addTally(counts: TallyCounts): void {
    const tally = new Tally();
    tally.add(this.tallied());
    tally.add(counts);
    this.#store.putMeta("tally", tally.take());
  }

  /** What the service did so far. */
  tallied(): TallyCounts {
    return (this.#store.getMeta("tally") as TallyCounts | null) ?? {};
  }

  /** How many people were active from `from` (included) to `to` (not included), both Unix milliseconds. */
  count(from: number, to: number, now: number, scope: Scope = { of: "everyone" }): WindowCount {
    const series = scope.of === "series" ? scope.series : everyone;
    // Groups are asked for beside their total, so both cover the same time: that which the groups can.
    const reach = reachOf(scope.of === "groups" ? seriesOf(scope.dimension, "") : series);
    const { pieces, ...covered } = this.cover(from, to, { now, calendar: this.#calendar, reach });
    const reason = this.whyBlank(covered, now);
    if (reason !== null) return { ...covered, count: null, low: null, high: null, reason };
    const total = this.people(pieces, series).counted();
    if (scope.of !== "groups") return { ...covered, ...total };
    return { ...covered, ...total, groups: this.#groups(pieces, scope.dimension) };
  }

  /** What changed of the aliases since `seq`, for one shard. */
  aliasNews(seq: number, shard: number): AliasNews {
    return this.#aliases.news(seq, shard, this.config().shardsEver);
  }

  /**
   * Changes as whom a user counts from now on. Returns the shards that have to learn of it before
   * `moveHistory` is called.
   */
  changeAlias(change: AliasChange): number[] {
    const { shardsEver } = this.config();
    const spreads =
      change.do === "link"
        ? this.#aliases.link(change.user, change.to, change.onlyIfFree)
        : this.#aliases[change.do](change.user);
    return [...new Set([change.user.spread, ...spreads].flatMap((spread) => shardsOf(spread, shardsEver)))];
  }

  /** Somebody is counted again, and the shards know: what Workers remember of beats that left nothing holds no longer. */
  noteInclusion(): void {
    this.#store.putMeta("inclusions", this.#inclusions() + 1);
  }

  /** Moves what a user did in the past to whom they count as now. All of it should have been absorbed. */
  moveHistory(entry: number, days: ActiveDays | null): void {
    const target = this.#aliases.resolve(entry);
    for (const passed of this.#aliases.passed(entry)) {
      moveActivity(this.#shelf, this.#store.stored(), passed, target, days, this.#calendar);
    }
    this.#united.clear();
    this.#rewriteHistoryFrom(this.#store.firstDay() ?? Infinity);
  }

  /** Settings and the history of zones. */
  config(): AppConfig {
    const settings = {
      ...defaultSettings,
      ...(this.#store.getMeta("settings") as Partial<Settings> | null),
    };
    const shardsEver = (this.#store.getMeta("shardsEver") as number | null) ?? settings.shards;
    return { settings, zones: this.#zones(), shardsEver, inclusions: this.#inclusions() };
  }

  /** Changes settings; members that are absent keep their value. The shards should have pushed just before. */
  changeSettings(change: Partial<Settings>, now: number): AppConfig {
    const before = this.config();
    const settings = { ...before.settings, ...change };
    settings.keyRevision = Math.max(settings.keyRevision, before.settings.keyRevision);
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

  /** Takes over how days were cut where the app was before. Only while nothing has been counted. */
  adoptZones(zones: ZoneHistory): void {
    this.#calendar = new Calendar(zones);
    this.#store.putMeta("settings", { ...this.config().settings, timeZone: this.#calendar.zone });
    this.#store.putMeta("zones", zones);
  }

  /** Takes over who counts as whom where the app was before. What is known here goes first: it may be newer. */
  adoptAlias({ entry, spread, target, targetSpread }: Omit<Alias, "seq">): void {
    const user = { entry, spread };
    if (this.#store.getAlias(entry) !== null) return;
    if (target === null) this.#aliases.exclude(user);
    else this.#aliases.link(user, { entry: target, spread: targetSpread });
  }

  /** Lets go of all that is in memory: what was written could not be kept. */
  forget(): void {
    this.#shelf.forget();
    this.#cap.forget();
    this.#united.clear();
    this.#calendar = new Calendar(this.#zones());
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
    const keptFrom = this.keptFrom(now);
    this.#store.dropEndedBy("day", keptFrom, "everyone");
    this.#store.dropEndedBy("day", keptFrom, "others");
    if (first !== null && first < keptFrom) this.#store.putMeta("daysDropped", true);
    this.#shelf.forget();
    this.#cap.forget();
    this.#united.clear();
  }

  /** Writes a row for each closed day that has none yet or that has changed since: what outlives the sketches. */
  recordHistory(now: number): void {
    const from = this.#store.getMeta("historyFrom") as number | null;
    const keptFrom = this.keptFrom(now);
    const today = this.#calendar.dayAt(now).start;
    if (from === null || from >= today) return;
    const start = Math.max(from, keptFrom);
    const before = cutDays(this.#calendar, Math.max(start - monthDays * dayMs, keptFrom), start);
    const days = cutDays(this.#calendar, start, today);
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
    return this.#calendar;
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
      this.tally.hits++;
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
      return `before the first activity, which was on ${this.#calendar.dateAt(first)}`;
    }
    return null;
  }

  /** Says so where sketches of days from `from` on have been dropped, else null. */
  whyDropped(from: number, now: number): string | null {
    const keptFrom = this.keptFrom(now);
    if (from >= keptFrom || this.#store.getMeta("daysDropped") !== true) return null;
    return `past retention: activity is kept from ${new Date(keptFrom).toISOString()} on`;
  }

  #inclusions(): number {
    return (this.#store.getMeta("inclusions") as number | null) ?? 0;
  }

  #zones(): ZoneHistory {
    const zones = this.#store.getMeta("zones") as ZoneHistory | null;
    return zones ?? [{ from: 0, zone: defaultSettings.timeZone }];
  }

  /** Start of the oldest day that is still kept at `now`. */
  keptFrom(now: number): number {
    return this.#calendar.dayAt(now - this.config().settings.retentionDays * dayMs).start;
  }

  #unite(pieces: readonly Period[], series: string): People {
    this.tally.unions++;
    return new People(this.#shelf.union(pieces, series), this.#shelf.union(pieces, removedFrom(series)));
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
