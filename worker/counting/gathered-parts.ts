import { type ActivityPart, partKey, type SeriesPeriod } from "./sketch-parts.ts";

/** What was gathered of one period and series. */
export interface GatheredPart {
  readonly of: SeriesPeriod;
  readonly entries: number[];
  /** Whether somebody vouches for one of the users: see `ActivityPart`. */
  isProven: boolean;
}

/** Entries on their way to one shard, gathered by period and series. */
export class GatheredParts {
  readonly #parts = new Map<string, GatheredPart>();

  /** Periods and series that something was gathered of. */
  get size(): number {
    return this.#parts.size;
  }

  /** The place of a period and series, to which entries can be added. */
  open(of: SeriesPeriod): GatheredPart {
    const key = partKey(of);
    let held = this.#parts.get(key);
    if (held === undefined) {
      held = { of, entries: [], isProven: false };
      this.#parts.set(key, held);
    }
    return held;
  }

  /** What was gathered. */
  toParts(): ActivityPart[] {
    return Array.from(this.#parts.values(), ({ of, entries, isProven }) => ({
      ...of,
      entries: new Uint32Array(entries),
      ...(isProven && { isProven }),
    }));
  }
}

/** Several lots of parts as one, in which each period and series is there once. */
export function joined(lots: readonly (readonly ActivityPart[])[]): ActivityPart[] {
  const all = new GatheredParts();
  for (const { entries, isProven = false, ...of } of lots.flat()) {
    const held = all.open(of);
    for (const entry of entries) held.entries.push(entry);
    held.isProven ||= isProven;
  }
  return all.toParts();
}
