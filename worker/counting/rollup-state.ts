import {
  dayMs,
  hourReachMs,
  maxCachedBytes,
  maxSeriesValues,
  reachMarginMs,
  seriesHourReachMs,
  seriesSlotReachMs,
  readsPerTurn,
  slotReachMs,
} from "../limits.ts";
import { type Counted, decode } from "../sketch/index.ts";
import { Annotations } from "./annotations.ts";
import { ByteBoundedCache } from "./byte-bounded-cache.ts";
import type { Calendar } from "./calendar.ts";
import type { Alias } from "./aliases.ts";
import { cutDays, type DayRow, dayRows, monthDays } from "./history.ts";
import type { Span } from "./move-past.ts";
import { Identities, type IdentityStore } from "./identities.ts";
import { between, shareInside } from "./interpolate.ts";
import { bySize, type GroupCount, inLine } from "./nested.ts";
import { type People, sizeOf } from "./people.ts";
import type { SketchPart } from "./sketch-parts.ts";
import type { Period, PeriodKind } from "./periods.ts";
import { reachSince, whyTooShort } from "./resolution.ts";
import { everyone, otherSeriesOf, SeriesCap, seriesOf } from "./series.ts";
import { AppSettings, type SettingsStore } from "./app-settings.ts";
import { SketchCache, type SketchStore } from "./sketch-cache.ts";
import { Counters, type CounterValues } from "./counters.ts";
import { atOnce, type Turns } from "./turns.ts";
import { alignStart, type Cover, coverInside, coverWindow, type Present } from "./windows.ts";

/** The durable store of one roll-up. What is written in one turn becomes durable together, or not at all. */
export interface RollupStore extends SketchStore, IdentityStore, SettingsStore {
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

/** Whom to count: everyone, the people of one series, or everyone and besides each value of a dimension. */
export type Scope =
  | { of: "everyone" }
  | { of: "series"; series: string }
  | { of: "groups"; dimension: string };

/** Everything one app has counted: settings, merged sketches, and answers. */
export class RollupState {
  /** Which key the users were hashed with. */
  readonly keyId: number;
  /** How often an answer was found ready, and how often it had to be united. */
  readonly unionCounts = { hits: 0, unions: 0 };
  readonly settings: AppSettings;
  readonly identities: Identities;
  readonly annotations: Annotations;
  readonly #store: RollupStore;
  readonly #cache: SketchCache;
  readonly #cap: SeriesCap;
  readonly #united = new ByteBoundedCache<People>(maxCachedBytes.unions, sizeOf);
  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: RollupStore, keyId: number) {
    this.keyId = keyId;
    this.#store = store;
    this.settings = new AppSettings(store);
    this.annotations = new Annotations(store);
    this.#cache = new SketchCache(store, keyId);
    this.#cap = new SeriesCap(maxSeriesValues, (kind, from, to, dimension) =>
      store.valuesIn(kind, from, to, dimension),
    );
    this.identities = new Identities(store, this.#cache, this.settings, () => {
      this.#united.clear();
      this.#rewriteHistoryFrom(store.firstDay() ?? Infinity);
    });
  }

  /** Takes up what a shard pushes. Absorbing the same parts again, or in another order, changes nothing. */
  absorb(parts: readonly SketchPart[]): void {
    let firstTouched = Infinity;
    for (const { sketch, isProven, ...asked } of parts) {
      const of = { ...asked, series: this.#cap.admit(asked.series, asked, isProven) };
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
    return atOnce(this.counting(from, to, now, scope, edges));
  }

  /** `count`, in turns where it is split. */
  *counting(
    from: number,
    to: number,
    now: number,
    scope: Scope,
    edges: "outwards" | "between" = "outwards",
  ): Turns<WindowCount> {
    const series = scope.of === "series" ? scope.series : everyone;
    const present = this.present(now, scope);
    const outer = this.cover(from, to, present);
    const span = { from: outer.from, to: outer.to };
    const tooShort = edges === "between" ? whyTooShort(from, to, this.settings.countedFrom()) : null;
    const reason =
      this.whyBlank(span, now) ??
      this.whyOnlyLastSeen(to) ??
      tooShort ??
      this.whyHidden(outer.pieces, series);
    if (reason !== null) return { ...span, count: null, low: null, high: null, reason };
    const vague = this.identities.vagueSince(outer.from);
    const isWhole = edges === "outwards" || (outer.from === from && outer.to === to);
    const inner = isWhole ? null : coverInside(from, to, present);
    const share = isWhole ? 1 : shareInside({ from, to }, span, inner);
    const counted = (of: string) => {
      const whole = this.#counted(outer.pieces, of, vague);
      return isWhole ? whole : between(this.#counted(inner?.pieces ?? [], of, vague), whole, share);
    };
    const groups =
      scope.of === "groups"
        ? yield* this.#groups(outer.pieces, inner?.pieces.length ?? 0, scope.dimension, counted)
        : [];
    const { whole, parts } = inLine(counted(series), groups);
    return {
      ...(isWhole
        ? span
        : {
            from,
            to,
            covers: { outer: span, inner: inner ? { from: inner.from, to: inner.to } : { from: to, to } },
          }),
      ...whole,
      ...(scope.of === "groups" && { groups: parts.toSorted(bySize) }),
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
      ? "the dimension has more values than are kept apart, so people with this value may be counted as (other)"
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

  /** Lets go of all that is in memory: what was written could not be kept. */
  forget(): void {
    this.identities.forget();
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
    this.identities.expire(now);
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

  /** What decides how finely windows can be cut for a scope. */
  present(now: number, scope: Scope): Present {
    // Groups are asked for beside their total, so both cover the same time: that which the groups can.
    const series =
      scope.of === "groups" ? seriesOf(scope.dimension, "") : scope.of === "series" ? scope.series : everyone;
    return { now, calendar: this.calendar, reach: reachSince(this.settings.countedFrom(), series, now) };
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
    return this.whyOnlyLastSeen(covered.to);
  }

  /** Why people are missing of a stretch of time that ends at `to`: whoever of them came back later was last seen later. Or null. */
  whyOnlyLastSeen(to: number): string | null {
    const { lastSeenUntil } = this.settings;
    if (lastSeenUntil === null || to >= lastSeenUntil) return null;
    return `before ${new Date(lastSeenUntil).toISOString()} only the last activity of each person is known`;
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

  /** @param more how many more periods than these are read for each value */
  *#groups(
    pieces: readonly Period[],
    more: number,
    dimension: string,
    counted: (series: string) => Counted,
  ): Turns<GroupCount[]> {
    const groups: GroupCount[] = [];
    const valuesPerTurn = Math.max(1, Math.floor(readsPerTurn / (pieces.length + more)));
    for (const [index, value] of [...this.values(pieces, dimension)].entries()) {
      if (index > 0 && index % valuesPerTurn === 0) yield;
      const group = { value, ...counted(seriesOf(dimension, value)) };
      if (group.count > 0) groups.push(group);
    }
    return groups;
  }
}
