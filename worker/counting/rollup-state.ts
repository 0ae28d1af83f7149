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
import type { UserHash } from "./user-hash.ts";
import type { Calendar } from "./calendar.ts";
import { type Alias, type AliasChange, type AliasNews, Aliases, type AliasStore } from "./aliases.ts";
import { cutDays, type DayRow, dayRows, monthDays } from "./history.ts";
import { type Claim, giveBack, type MovedDay, movePast, type Span, takeBack } from "./move-past.ts";
import type { People } from "./people.ts";
import type { SeriesPeriod, SketchPart } from "./sketch-parts.ts";
import { shardsOf } from "./shards-of.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { everyone, otherSeriesOf, reachOf, SeriesCap, seriesOf } from "./series.ts";
import { AppSettings, type SettingsStore } from "./app-settings.ts";
import { SketchCache, type SketchStore } from "./sketch-cache.ts";
import { Counters, type CounterValues } from "./counters.ts";
import { alignStart, type Cover, coverInside, coverWindow, type Present } from "./windows.ts";

/** The durable store of one roll-up. What is written in one turn becomes durable together, or not at all. */
export interface RollupStore extends SketchStore, AliasStore, SettingsStore {
  /** The periods and series that hold sketches, of periods that end after an instant. */
  stored(since: number): SeriesPeriod[];
  /** Forgets the sketches of one kind whose period ended at or before `end`, of everyone or of the other series. */
  dropEndedBy(kind: PeriodKind, end: number, of: "everyone" | "others"): void;
  /** The values of a dimension in periods of a kind that begin from `from` to before `to`. */
  valuesIn(kind: PeriodKind, from: number, to: number, dimension: string): string[];
  putDayRow(row: DayRow): void;
  /** The rows of days that begin from `from` to before `to`, in order. */
  dayRows(from: number, to: number): DayRow[];
  /** Notes a day into which a linked user brought their target. */
  putMoved(entry: number, day: MovedDay): void;
  /** The days that were noted of a linked user. */
  movedDays(entry: number): MovedDay[];
  dropMoved(entry: number, days: readonly MovedDay[]): void;
  /** Users who were linked without telling when they had been active. */
  vagueAliases(): Alias[];
}

/** A count over a window with its 95 % interval, or why there is none. Times are Unix milliseconds. */
export interface WindowCount {
  /** What is counted: what is covered, or of a window that was interpolated what was asked for. */
  from: number;
  to: number;
  /** Between what a window was interpolated. */
  covers?: { outer: Span; inner: Span };
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

/** What came of a change of who counts as whom. */
export interface PastOutcome {
  /** Whether the past is right in every period. Where not, `reason` says why, and what would do. */
  exact: boolean;
  reason?: string;
}

/** Who counts as whom, as another deployment knew it. */
type AdoptedAlias = Pick<Alias, "entry" | "shardHash" | "target" | "targetShardHash">;

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

  /**
   * How many people were active from `from` (included) to `to` (not included), both Unix milliseconds.
   *
   * @param edges `outwards`: the window is widened to what is kept. `between`: it is taken as asked, and where an edge
   *   lies within a period that is kept as a whole the count is interpolated between the window with and without that period
   */
  count(
    from: number,
    to: number,
    now: number,
    scope: Scope = { of: "everyone" },
    edges: "outwards" | "between" = "outwards",
  ): WindowCount {
    const series = scope.of === "series" ? scope.series : everyone;
    // Groups are asked for beside their total, so both cover the same time: that which the groups can.
    const reach = reachOf(scope.of === "groups" ? seriesOf(scope.dimension, "") : series);
    const present = { now, calendar: this.calendar, reach };
    const outer = this.cover(from, to, present);
    const span = { from: outer.from, to: outer.to };
    const reason = this.whyBlank(span, now) ?? this.whyHidden(outer.pieces, series);
    if (reason !== null) return { ...span, count: null, low: null, high: null, reason };
    const vague = this.#store.vagueAliases().filter(({ vagueAt }) => (vagueAt ?? 0) > outer.from);
    const isWhole = edges === "outwards" || (outer.from === from && outer.to === to);
    const inner = isWhole ? null : coverInside(from, to, present);
    const share = isWhole ? 1 : shareInside({ from, to }, span, inner);
    const counted = (of: string) => {
      const whole = this.#counted(outer.pieces, of, vague);
      return isWhole ? whole : between(this.#counted(inner?.pieces ?? [], of, vague), whole, share);
    };
    return {
      ...(isWhole
        ? span
        : {
            from,
            to,
            covers: { outer: span, inner: inner ? { from: inner.from, to: inner.to } : { from: to, to } },
          }),
      ...counted(series),
      ...(scope.of === "groups" && { groups: this.#groups(outer.pieces, scope.dimension, counted) }),
    };
  }

  /** Why people of a series may be counted under another name: the dimension has had more values than are kept apart. */
  whyHidden(pieces: readonly Period[], series: string): string | null {
    if (series === everyone) return null;
    const other = otherSeriesOf(series);
    const isHidden = pieces.some(
      (piece) =>
        this.#cache.read({ ...piece, series }) === null &&
        this.#cache.read({ ...piece, series: other }) !== null,
    );
    return isHidden
      ? "more values than are kept apart: people with this one may be counted under (other)"
      : null;
  }

  /**
   * How many people, where two who may be one are told by a lower bound: in a large set those who were linked without
   * telling when they had been active may both be counted.
   */
  #counted(pieces: readonly Period[], series: string, vague: readonly Alias[]): Counted {
    const people = this.people(pieces, series);
    const counted = people.counted();
    if (people.added.isSparse) return counted;
    const twice = vague.filter(
      ({ entry, target }) => target !== null && people.mayHold(entry) && people.mayHold(target),
    );
    return { ...counted, low: Math.max(0, counted.low - twice.length) };
  }

  /** What changed of the aliases since `seq`, for one shard. */
  aliasNews(seq: number, shard: number): AliasNews {
    return this.#aliases.news(seq, shard, this.settings.config().shardsEver);
  }

  /**
   * Changes as whom users count from now on. Returns the shards that have to learn of it before `movePast` is called.
   */
  changeAliases(changes: readonly AliasChange[]): number[] {
    const { shardsEver } = this.settings.config();
    const hashes = this.#aliases.change(changes);
    return [...new Set(hashes.flatMap((shardHash) => shardsOf(shardHash, shardsEver)))];
  }

  /**
   * Brings the past to agree with a change. All of it should have been absorbed, and the shards should have learnt of the
   * change. It may be called again.
   */
  movePast(change: AliasChange, claim: Claim): PastOutcome {
    const outcome = this.#movePast(change, claim);
    this.#united.clear();
    this.#rewriteHistoryFrom(this.#store.firstDay() ?? Infinity);
    return outcome;
  }

  #movePast(change: AliasChange, claim: Claim): PastOutcome {
    const { user } = change;
    const stored = this.#store.stored(claim.since);
    if (change.do === "include" || change.do === "unlink") {
      // What Workers remember of beats that left nothing, or were another's, holds no longer.
      this.settings.noteInclusion();
      this.#giveBack(user, stored, claim.days ?? []);
      return { exact: true };
    }
    const own = this.#aliases.ownerOfPast(user);
    const target = this.#aliases.resolve(own);
    // Linked the other way round already.
    if (target === own) return { exact: true };
    if (change.do === "link" && target !== null) {
      const stale = this.#store.movedDays(own).filter((day) => day.target !== target);
      takeBack(this.#cache, stored, stale);
      this.#store.dropMoved(own, stale);
    }
    const moved = movePast(this.#cache, stored, own, target, claim);
    if (change.do === "exclude") return { exact: true };
    if (target === null) {
      return { exact: true, reason: "excluded: the link is remembered, and counts once the exclusion ends" };
    }
    for (const day of moved.days) this.#store.putMoved(own, day);
    if (moved.isExact) return { exact: true };
    this.#aliases.noteVague(user, claim.at);
    return {
      exact: false,
      reason:
        "large days in the past stay as they are, since nothing says on which of them the user was active: send days, or first and last",
    };
  }

  /** Somebody who counts on their own again gets days back that are named, and nobody else has them any more. */
  #giveBack(user: UserHash, stored: readonly SeriesPeriod[], days: readonly Span[]): void {
    const now = this.#aliases.resolve(user.entry);
    if (days.length === 0 || now === null) return;
    for (const before of this.#aliases.formerEntries(user)) {
      const ended = this.#store
        .movedDays(before)
        .filter(
          ({ start, target }) => target !== now && days.some(({ from, to }) => from <= start && start < to),
        );
      takeBack(this.#cache, stored, ended);
      this.#store.dropMoved(before, ended);
      giveBack(this.#cache, stored, before, now, days);
    }
  }

  /** Takes over who counts as whom where the app was before. What is known here goes first: it may be newer. */
  adoptAlias({ entry, shardHash, target, targetShardHash }: AdoptedAlias): void {
    const user = { entry, shardHash };
    if (this.#store.getAlias(entry) !== null) return;
    if (target === null) this.#aliases.change([{ do: "exclude", user }]);
    else {
      const to = { entry: target, shardHash: targetShardHash };
      this.#aliases.change([{ do: "link", user, to, onlyIfFree: false }]);
    }
  }

  /** Lets go of all that is in memory: what was written could not be kept. */
  forget(): void {
    this.#aliases.forget();
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
    if (first !== null && first < keptFrom) this.#store.putMeta("wholeFrom", keptFrom);
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
    const kept = new Map(this.dayRows(start, today).map((row) => [row.from, row.growth]));
    for (const row of dayRows(before, days, read, this.keyId)) {
      const growth = kept.get(row.from);
      this.putDayRow({ ...row, ...(growth !== undefined && { growth }) });
    }
    this.#store.putMeta("historyFrom", today);
  }

  /** The rows that were written of days that begin from `from` to before `to`. */
  dayRows(from: number, to: number): DayRow[] {
    return this.#store.dayRows(from, to);
  }

  /** Writes the row of a day. */
  putDayRow(row: DayRow): void {
    this.#store.putDayRow(row);
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
    // The first release noted only that days were dropped.
    const isDropped = this.#store.getMeta("daysDropped") === true;
    const wholeFrom = (this.#store.getMeta("wholeFrom") as number | null) ?? (isDropped ? 0 : null);
    if (wholeFrom === null) return null;
    const keptFrom = Math.max(wholeFrom, this.settings.keptFrom(now));
    return from >= keptFrom
      ? null
      : `past retention: activity is kept from ${new Date(keptFrom).toISOString()} on`;
  }

  #unite(pieces: readonly Period[], series: string): People {
    this.unionCounts.unions++;
    return this.#cache.people(pieces, series);
  }

  #rewriteHistoryFrom(start: number): void {
    const from = (this.#store.getMeta("historyFrom") as number | null) ?? Infinity;
    if (start < from) this.#store.putMeta("historyFrom", start);
  }

  #groups(pieces: readonly Period[], dimension: string, counted: (series: string) => Counted): GroupCount[] {
    return Array.from(this.values(pieces, dimension), (value) => ({
      value,
      ...counted(seriesOf(dimension, value)),
    }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
}

/** The share of what lies between the inner and the outer edges that was asked for. */
function shareInside(asked: Span, outer: Span, inner: Span | null): number {
  const length = ({ from, to }: Span) => to - from;
  const kept = inner === null ? 0 : length(inner);
  return Math.min(1, Math.max(0, (length(asked) - kept) / (length(outer) - kept)));
}

/**
 * A count between two others, of which one holds the other: what came within the edge's period is taken as evenly spread.
 * In truth it lies somewhere between the two, which widens the bounds.
 */
function between(inner: Counted, outer: Counted, share: number): Counted {
  const mix = (member: keyof Counted) => inner[member] + share * (outer[member] - inner[member]);
  const count = mix("count");
  return {
    count: Math.round(count),
    low: Math.floor(Math.max(0, count - Math.hypot(count - mix("low"), count - inner.count))),
    high: Math.ceil(count + Math.hypot(mix("high") - count, outer.count - count)),
  };
}
