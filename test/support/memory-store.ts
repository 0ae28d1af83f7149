import type { Period } from "../../worker/counting/periods.ts";
import type { Alias, AliasNews, Target } from "../../worker/counting/aliases.ts";
import type { SeriesPeriod } from "../../worker/counting/sketch-parts.ts";
import type { DayRow } from "../../worker/counting/history.ts";
import type { MovedDay } from "../../worker/counting/move-past.ts";
import { removedFrom } from "../../worker/counting/removed.ts";
import type { RollupStore } from "../../worker/counting/rollup-state.ts";
import { everyone, seriesOf, valueOf } from "../../worker/counting/series.ts";
import type { ShardLog } from "../../worker/counting/shard-state.ts";

/** A shard's log in memory: what a disk holds, and what outlives an object. */
export class MemoryLog implements ShardLog {
  readonly #targets = new Map<number, Target>();
  readonly #until = new Map<number, number>();
  #aliasSeq: number | null = null;
  #rows: { seq: number; row: Uint8Array }[] = [];
  #last = 0;
  /** When set, the next append fails and writes nothing. */
  failsNext = false;

  append(rows: Uint8Array[]): void {
    if (this.failsNext) {
      this.failsNext = false;
      throw new Error("the disk refuses");
    }
    for (const row of rows) this.#rows.push({ seq: ++this.#last, row: row.slice() });
  }

  /** What was written for the sake of writing, last. */
  unread: Uint8Array[] = [];

  appendUnread(rows: Uint8Array[]): void {
    this.unread = rows;
  }

  rows(): Iterable<{ seq: number; row: Uint8Array }> {
    return this.#rows;
  }

  /** What could not be read. */
  readonly aside: Uint8Array[] = [];

  putAside(seq: number): void {
    this.aside.push(...this.#rows.filter((row) => row.seq === seq).map(({ row }) => row));
    this.#rows = this.#rows.filter((row) => row.seq !== seq);
  }

  damaged(): number {
    return this.aside.length;
  }

  dropThrough(seq: number): void {
    this.#rows = this.#rows.filter((row) => row.seq > seq);
  }

  aliases() {
    return { seq: this.#aliasSeq, targets: new Map(this.#targets) };
  }

  putAliases({ seq, aliases }: AliasNews): void {
    this.#aliasSeq = seq;
    for (const { entry, target, until } of aliases) {
      this.#targets.set(entry, target);
      if (until == null) this.#until.delete(entry);
      else this.#until.set(entry, until);
    }
  }

  dropAliases(now: number): number[] {
    const gone = [...this.#until].filter(([, until]) => until <= now).map(([entry]) => entry);
    for (const entry of gone) {
      this.#until.delete(entry);
      this.#targets.delete(entry);
    }
    return gone;
  }

  lastSeq(): number {
    return this.#rows.at(-1)?.seq ?? 0;
  }
}

/** A roll-up's store in memory. */
export class MemoryStore implements RollupStore {
  readonly #sketches = new Map<string, SeriesPeriod & { sketch: Uint8Array }>();
  readonly #meta = new Map<string, string>();
  readonly #days = new Map<number, DayRow>();
  #aliases: Alias[] = [];
  #moved: (MovedDay & { entry: number })[] = [];
  #aliasSeq = 0;

  getSketch(of: SeriesPeriod): Uint8Array | null {
    return this.#sketches.get(keyOf(of))?.sketch ?? null;
  }

  putSketch(part: SeriesPeriod & { sketch: Uint8Array }): void {
    this.#sketches.set(keyOf(part), part);
  }

  dropEndedBy(kind: string, end: number, of: "everyone" | "others"): void {
    for (const [key, held] of this.#sketches) {
      const isEveryone = held.series === everyone || held.series === removedFrom(everyone);
      const isMeant = isEveryone === (of === "everyone");
      if (held.kind === kind && held.end <= end && isMeant) this.#sketches.delete(key);
    }
  }

  valuesIn(kind: string, from: number, to: number, dimension: string): string[] {
    const held = [...this.#sketches.values()].filter(
      ({ kind: heldKind, start, series }) =>
        heldKind === kind && start >= from && start < to && series.startsWith(seriesOf(dimension, "")),
    );
    return [...new Set(held.map(({ series }) => valueOf(series)))];
  }

  firstDay(): number | null {
    const starts = [...this.#sketches.values()]
      .filter(({ kind }) => kind === "day")
      .map(({ start }) => start);
    return starts.length === 0 ? null : Math.min(...starts);
  }

  putDayRow(row: DayRow): void {
    this.#days.set(row.from, row);
  }

  dayRows(from: number, to: number): DayRow[] {
    return [...this.#days.values()]
      .filter((row) => row.from >= from && row.from < to)
      .toSorted((a, b) => a.from - b.from);
  }

  periods(since: number): Period[] {
    return [...this.#sketches.values()].filter(({ series, end }) => series === everyone && end > since);
  }

  seriesIn(periods: readonly Period[]): SeriesPeriod[] {
    const wanted = new Set(periods.map(({ kind, start }) => `${kind}/${start}`));
    return [...this.#sketches.values()].filter(({ kind, start }) => wanted.has(`${kind}/${start}`));
  }

  putMoved(entry: number, day: MovedDay): void {
    this.dropMoved(entry, [day]);
    this.#moved.push({ entry, ...day });
  }

  movedDays(entry: number): MovedDay[] {
    return this.#moved.filter((day) => day.entry === entry);
  }

  dropMoved(entry: number, days: readonly MovedDay[]): void {
    const isDropped = (held: MovedDay) =>
      days.some(({ start, series }) => held.start === start && held.series === series);
    this.#moved = this.#moved.filter((held) => held.entry !== entry || !isDropped(held));
  }

  vagueAliases(after: number): Alias[] {
    return this.#aliases.filter(({ vagueAt }) => vagueAt !== null && vagueAt > after);
  }

  countAliases(): number {
    return this.#aliases.length;
  }

  dropAliases(now: number): void {
    this.#aliases = this.#aliases.filter(({ until }) => until === null || until > now);
  }

  getAlias(entry: number): Alias | null {
    return this.#aliases.find((alias) => alias.entry === entry) ?? null;
  }

  putAlias(alias: Omit<Alias, "seq">): void {
    this.#aliases = this.#aliases.filter(({ entry }) => entry !== alias.entry);
    this.#aliases.push({ ...alias, seq: ++this.#aliasSeq });
  }

  aliasesTo(target: number): Alias[] {
    return this.#aliases.filter((alias) => alias.target === target);
  }

  aliasesAfter(seq: number, limit = Infinity): Alias[] {
    return this.#aliases.filter((alias) => alias.seq > seq).slice(0, limit);
  }

  getMeta(name: string): unknown {
    const text = this.#meta.get(name);
    return text === undefined ? null : JSON.parse(text);
  }

  putMeta(name: string, value: unknown): void {
    this.#meta.set(name, JSON.stringify(value));
  }

  /** Everything held, in a form that two stores can be compared by. */
  dump(): [string, string][] {
    return [...this.#sketches]
      .map(([key, { sketch }]): [string, string] => [key, Buffer.from(sketch).toString("hex")])
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
}

function keyOf({ kind, start, series }: SeriesPeriod): string {
  return `${kind}/${start}/${series}`;
}
