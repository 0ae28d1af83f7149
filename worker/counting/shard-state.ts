import { closedGraceMs, maxLogRowBytes, maxSeenSketches, partsPerAbsorb } from "../limits.ts";
import type { AliasNews, Target } from "./aliases.ts";
import { decode, encode, HyperLogLog } from "../sketch/index.ts";
import { Counters, type CounterValues } from "./counters.ts";
import {
  type ActivityPart,
  decodeParts,
  encodeParts,
  partKey,
  type SeriesPeriod,
  type SketchPart,
} from "./sketch-parts.ts";

/** The durable log of one shard. Rows written in one turn become durable together, or not at all. */
export interface ShardLog {
  /** As whom entries count, and the number of the newest alias that is known, or null before any was asked for. */
  aliases(): { seq: number | null; targets: Map<number, Target> };
  /** Takes up news of aliases in one transaction. */
  putAliases(news: AliasNews): void;
  /** Forgets aliases that are of no use any more. Returns their entries. */
  dropAliases(now: number): number[];
  /** Appends rows in one transaction; throws, having written nothing, when storage refuses. */
  append(rows: Uint8Array[]): void;
  /** Writes rows that are never read, as `append` would, in the place of those of the last time. Throws where storage refuses. */
  appendUnread(rows: Uint8Array[]): void;
  /** All rows with their numbers, oldest first. Numbers rise. */
  rows(): Iterable<{ seq: number; row: Uint8Array }>;
  /** Puts a row aside that can't be read, so that it is neither lost nor in the way. */
  putAside(seq: number): void;
  /** Rows that were put aside. */
  damaged(): number;
  /** Forgets rows up to and including `seq`. */
  dropThrough(seq: number): void;
  /** The number of the newest row, 0 when there never was one. */
  lastSeq(): number;
}

/** Where a shard's pushes go. Absorbing the same parts twice changes nothing. Resolves once they are durable. */
export type Absorb = (parts: SketchPart[], counters: CounterValues) => Promise<void>;

type Sketches = Map<string, { of: SeriesPeriod; sketch: HyperLogLog; isProven: boolean }>;

/**
 * What one shard knows: who was seen, as registers, in which period.
 *
 * A shard is a filter before a log. `seen` holds a sketch for each running period, and only what raises one of
 * its registers goes on: first into `fresh` (in memory), with the next commit into the log (durable; only then may
 * a beat be acknowledged), with the next push to the roll-up, after which the log forgets it. When the object is
 * evicted, `seen` is lost and some registers are logged and pushed a second time, which changes nothing.
 */
export class ShardState {
  readonly #log: ShardLog;
  readonly #keyId: number;
  readonly #seen: Sketches = new Map();
  readonly #targets: Map<number, Target>;
  #aliasSeq: number | null;
  #fresh: Sketches = new Map();
  /** What came since the last commit and raised nothing. */
  #repeated: Sketches = new Map();
  #pending: Sketches = new Map();
  #pendingBytes = 0;
  #pushes = 0;
  #lastPush: Promise<void> = Promise.resolve();

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(log: ShardLog, keyId: number) {
    this.#log = log;
    this.#keyId = keyId;
    const { seq, targets } = log.aliases();
    this.#aliasSeq = seq;
    this.#targets = targets;
    // All at once: rows that are put aside are taken out of the log meanwhile.
    const rows = Array.from(log.rows());
    for (const { seq: number, row } of rows) {
      const parts = readRow(row, keyId);
      if (parts === null) log.putAside(number);
      for (const { risen, isProven = false, ...of } of parts ?? []) {
        this.#open(this.#seen, of, isProven).merge(risen);
        this.#addPending(of, risen, isProven);
      }
    }
    this.damagedRows = log.damaged();
  }

  /** Rows of the log that could not be read when they were needed. What they held is missing from the counts. */
  readonly damagedRows: number;

  /** What this shard and the Workers before it did, on its way to the roll-up; lost with the object. */
  readonly counters = new Counters();

  /** Takes up activity. It is durable, and may be acknowledged, once a `commit` that begins later has succeeded. */
  record(parts: readonly ActivityPart[]): void {
    // What is seen again is logged again, which changes nothing. Which values of a dimension are kept apart the roll-up decides.
    if (this.#seen.size > maxSeenSketches) this.#seen.clear();
    for (const { entries, isProven = false, ...of } of parts) {
      const seen = this.#open(this.#seen, of, isProven);
      let [fresh, repeated]: (HyperLogLog | null)[] = [null, null];
      for (const entry of entries) {
        const counted = this.#targets.size === 0 ? entry : this.#targetOf(entry);
        if (counted === null) continue;
        if (seen.add(counted)) (fresh ??= this.#open(this.#fresh, of, isProven)).add(counted);
        else (repeated ??= this.#open(this.#repeated, of, isProven)).add(counted);
      }
    }
  }

  /** The number of the newest alias that is known; null before the first `learn`. */
  get aliasSeq(): number | null {
    return this.#aliasSeq;
  }

  /** From now on entries count as the news say. */
  learn(news: AliasNews): void {
    // News that were overtaken by later ones, which hold them too.
    if (this.#aliasSeq !== null && news.seq <= this.#aliasSeq) return;
    this.#log.putAliases(news);
    this.#aliasSeq = news.seq;
    for (const { entry, target } of news.aliases) this.#targets.set(entry, target);
  }

  /** Lets go of aliases that are of no use any more. */
  expireAliases(now: number): void {
    for (const entry of this.#log.dropAliases(now)) this.#targets.delete(entry);
  }

  #targetOf(entry: number): Target {
    const target = this.#targets.get(entry);
    return target === undefined ? entry : target;
  }

  /**
   * Writes what is new to the log. Where nothing is, what was repeated is written all the same, where nobody reads it: who is
   * answered later after the one than after the other would know whether somebody had been seen before. Throws when storage
   * refuses; then nothing is lost and the next commit tries again.
   */
  commit(): void {
    const repeated = this.#repeated;
    this.#repeated = new Map();
    if (this.#fresh.size === 0) return this.#log.appendUnread(toRows(repeated));
    this.#log.append(toRows(this.#fresh));
    this.counters.note("commits");
    for (const { of, sketch, isProven } of this.#fresh.values()) this.#addPending(of, sketch, isProven);
    this.#fresh = new Map();
  }

  /** Whether anything still waits for the roll-up: what is durable, or counts of what the service did. */
  get hasPending(): boolean {
    return this.#pending.size > 0 || this.#pushes > 0 || !this.counters.isEmpty;
  }

  /** Approximate bytes of what waits for the roll-up. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Sends what is durable to the roll-up and then forgets it, with the sketches of periods that have closed.
   * A push that finds another under way comes after it, so that its caller knows that all is absorbed.
   * When `absorb` rejects, so does this, and everything is sent again by the next push.
   */
  push(absorb: Absorb, now: number): Promise<void> {
    this.#pushes++;
    const push = this.#lastPush.then(() => this.#pushOnce(absorb, now)).finally(() => this.#pushes--);
    this.#lastPush = push.catch(() => {});
    return push;
  }

  async #pushOnce(absorb: Absorb, now: number): Promise<void> {
    const pushed = this.#pending;
    const through = this.#log.lastSeq();
    this.#pending = new Map();
    this.#pendingBytes = 0;
    let counters = this.counters.take();
    const parts = toParts(pushed);
    try {
      // What was refused leaves nothing but a count.
      if (parts.length === 0 && Object.keys(counters).length > 0) await absorb([], counters);
      for (let at = 0; at < parts.length; at += partsPerAbsorb) {
        await absorb(parts.slice(at, at + partsPerAbsorb), counters);
        counters = {};
      }
    } catch (error) {
      this.counters.add(counters);
      for (const { of, sketch, isProven } of pushed.values()) this.#addPending(of, sketch, isProven);
      throw error;
    }
    this.#log.dropThrough(through);
    for (const [key, { of }] of this.#seen) {
      if (of.end + closedGraceMs < now && !this.#fresh.has(key)) this.#seen.delete(key);
    }
  }

  #open(sketches: Sketches, of: SeriesPeriod, isProven: boolean): HyperLogLog {
    const key = partKey(of);
    let held = sketches.get(key);
    if (held === undefined) {
      held = { of, sketch: new HyperLogLog(this.#keyId), isProven };
      sketches.set(key, held);
    }
    held.isProven ||= isProven;
    return held.sketch;
  }

  #addPending(of: SeriesPeriod, risen: HyperLogLog, isProven: boolean): void {
    const waiting = this.#open(this.#pending, of, isProven);
    const before = waiting.isEmpty ? 0 : waiting.byteLength;
    waiting.merge(risen);
    this.#pendingBytes += waiting.byteLength - before;
  }
}

/** A row's parts, or null where it can't be read, or was made with another key. */
function readRow(
  row: Uint8Array,
  keyId: number,
): (SeriesPeriod & { risen: HyperLogLog; isProven?: boolean })[] | null {
  try {
    const parts = decodeParts(row).map(({ sketch, ...of }) => ({ ...of, risen: decode(sketch) }));
    return parts.every(({ risen }) => risen.keyId === keyId) ? parts : null;
  } catch {
    return null;
  }
}

function toParts(sketches: Sketches): SketchPart[] {
  return Array.from(sketches.values(), ({ of, sketch, isProven }) => ({
    ...of,
    sketch: encode(sketch),
    ...(isProven && { isProven }),
  }));
}

/** The parts in as few rows as their size allows. */
function toRows(sketches: Sketches): Uint8Array[] {
  const rows: Uint8Array[] = [];
  let parts: SketchPart[] = [];
  let bytes = 0;
  for (const part of toParts(sketches)) {
    if (bytes + part.sketch.length > maxLogRowBytes) {
      rows.push(encodeParts(parts));
      parts = [];
      bytes = 0;
    }
    parts.push(part);
    bytes += part.sketch.length;
  }
  rows.push(encodeParts(parts));
  return rows;
}
