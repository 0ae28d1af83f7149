import { maxCachedBytes } from "../limits.ts";
import { decode, encode, HyperLogLog } from "../sketch/index.ts";
import { ByteBoundedCache } from "./byte-bounded-cache.ts";
import { People } from "./people.ts";
import { removedFrom } from "./removed.ts";
import { partKey, type SeriesPeriod, type SketchPart } from "./sketch-parts.ts";
import type { Period } from "./periods.ts";

/** Where a cache's sketches are stored. */
export interface SketchStore {
  getSketch(of: SeriesPeriod): Uint8Array | null;
  putSketch(part: SketchPart): void;
}

/** The merged sketches of one app, by period and series, the most recently used of them decoded in memory. */
export class SketchCache {
  readonly #store: SketchStore;
  readonly #keyId: number;
  readonly #cache = new ByteBoundedCache<HyperLogLog | null>(
    maxCachedBytes.sketches,
    (sketch) => sketch?.byteLength ?? 0,
  );

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: SketchStore, keyId: number) {
    this.#store = store;
    this.#keyId = keyId;
  }

  /** The sketch of a period and series, not to be changed; null where nobody was seen. */
  read(of: SeriesPeriod): HyperLogLog | null {
    const key = partKey(of);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const bytes = this.#store.getSketch(of);
    const sketch = bytes === null ? null : decodeStored(bytes, of);
    this.#cache.set(key, sketch);
    return sketch;
  }

  /** Adds what `risen` holds. Returns whether that changed anything. */
  merge(of: SeriesPeriod, risen: HyperLogLog): boolean {
    const held = this.read(of)?.clone() ?? this.empty();
    if (!held.merge(risen)) return false;
    this.#store.putSketch({ ...of, sketch: encode(held) });
    this.#cache.set(partKey(of), held);
    return true;
  }

  /**
   * Who was in one series over periods.
   *
   * Whoever was removed from one period counts in none of them, since a large sketch can't be asked for whom it holds
   * without them. Small ones can: who was removed from one and is in another counts.
   */
  people(periods: readonly Period[], series: string): People {
    const sets = periods.flatMap((period) => {
      const added = this.read({ ...period, series });
      const removed = this.read({ ...period, series: removedFrom(series) });
      return added === null ? [] : [{ added, removed }];
    });
    const added = this.empty();
    const removed = this.empty();
    const removedFromSmall = this.empty();
    for (const set of sets) {
      added.merge(set.added);
      if (set.removed !== null) (set.added.isSparse ? removedFromSmall : removed).merge(set.removed);
    }
    const small = sets.filter((set) => set.added.isSparse);
    const isThere = (entry: number) =>
      small.some((set) => set.added.mayHold(entry) && !set.removed?.mayHold(entry));
    if (!removedFromSmall.isSparse) removed.merge(removedFromSmall);
    else for (const entry of removedFromSmall.entries()) if (!isThere(entry)) removed.add(entry);
    return new People(added, removed);
  }

  /** Takes an entry out of a small sketch; a large one can't forget anybody. */
  take(of: SeriesPeriod, entry: number): void {
    const held = this.read(of);
    if (held === null || !held.isSparse || !held.mayHold(entry)) return;
    const rest = this.setOf(...held.entries().filter((other) => other !== entry));
    this.#store.putSketch({ ...of, sketch: encode(rest) });
    this.#cache.set(partKey(of), rest);
  }

  /** A sketch of these entries alone. */
  setOf(...entries: number[]): HyperLogLog {
    const sketch = this.empty();
    for (const entry of entries) sketch.add(entry);
    return sketch;
  }

  /** A sketch of nobody. */
  empty(): HyperLogLog {
    return new HyperLogLog(this.#keyId);
  }

  /** Lets go of what is in memory. */
  forget(): void {
    this.#cache.clear();
  }
}

function decodeStored(bytes: Uint8Array, { kind, start }: SeriesPeriod): HyperLogLog {
  try {
    return decode(bytes);
  } catch {
    const from = new Date(start).toISOString();
    throw new Error(`stored data: a sketch of the ${kind} from ${from} is damaged: restore a backup`);
  }
}
