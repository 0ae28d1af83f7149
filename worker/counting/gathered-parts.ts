import { type ActivityPart, partKey, type SeriesPeriod } from "./sketch-parts.ts";

interface GatheredPart {
  of: SeriesPeriod;
  entries: number[];
  isProven: boolean;
}

/** Entries on their way to one shard, gathered by period and series. */
export class GatheredParts {
  readonly #parts = new Map<string, GatheredPart>();

  /** Periods and series that something was gathered of. */
  get size(): number {
    return this.#parts.size;
  }

  /** @param isProven whether somebody vouches for one of the users: see `ActivityPart` */
  add(of: SeriesPeriod, entries: Iterable<number>, isProven: boolean): void {
    const key = partKey(of);
    const held = this.#parts.get(key) ?? { of, entries: [], isProven };
    this.#parts.set(key, held);
    for (const entry of entries) held.entries.push(entry);
    held.isProven ||= isProven;
  }

  /** What was gathered. */
  toParts(): ActivityPart[] {
    return Array.from(this.#parts.values(), ({ of, entries, isProven }) => ({
      ...of,
      entries: Uint32Array.from(entries),
      ...(isProven && { isProven }),
    }));
  }
}
