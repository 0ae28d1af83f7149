import { maxCachedSketchBytes } from "../limits.ts";
import { decode, encode, HyperLogLog } from "../sketch/index.ts";
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
  readonly #cache = new Map<string, HyperLogLog | null>();
  #cachedBytes = 0;

  /** @param keyId which key the users were hashed with; sketches of another are refused */
  constructor(store: SketchStore, keyId: number) {
    this.#store = store;
    this.#keyId = keyId;
  }

  /** The sketch of a period and series, not to be changed; null where nobody was seen. */
  read(of: SeriesPeriod): HyperLogLog | null {
    const key = partKey(of);
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      // The map's order is the order of use: the first key is the one to let go.
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const bytes = this.#store.getSketch(of);
    const sketch = bytes === null ? null : decodeStored(bytes, of);
    this.#remember(key, sketch);
    return sketch;
  }

  /** Adds what `risen` holds. Returns whether that changed anything. */
  merge(of: SeriesPeriod, risen: HyperLogLog): boolean {
    const held = this.read(of)?.clone() ?? this.empty();
    if (!held.merge(risen)) return false;
    this.#store.putSketch({ ...of, sketch: encode(held) });
    this.#remember(partKey(of), held);
    return true;
  }

  /** The union of one series over periods. */
  union(periods: readonly Period[], series: string): HyperLogLog {
    const sketches = periods.map((period) => this.read({ ...period, series }));
    return HyperLogLog.union(
      sketches.filter((sketch) => sketch !== null),
      this.#keyId,
    );
  }

  /** A sketch of nobody. */
  empty(): HyperLogLog {
    return new HyperLogLog(this.#keyId);
  }

  /** Lets go of what is in memory. */
  forget(): void {
    this.#cache.clear();
    this.#cachedBytes = 0;
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

function decodeStored(bytes: Uint8Array, { kind, start }: SeriesPeriod): HyperLogLog {
  try {
    return decode(bytes);
  } catch {
    const from = new Date(start).toISOString();
    throw new Error(`stored data: a sketch of the ${kind} from ${from} is damaged: restore a backup`);
  }
}

/** Rough bytes of a cached sketch, or of the knowledge that there is none. */
function sizeOf(sketch: HyperLogLog | null | undefined): number {
  return sketch === undefined ? 0 : 200 + (sketch?.byteLength ?? 0);
}
