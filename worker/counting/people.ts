import { type Counted, countOf, HyperLogLog } from "../sketch/index.ts";

/**
 * A set of people as two sketches: those who were added, and those of them who were removed (`move-activity.ts`).
 * Not to be changed once made; unions make new ones.
 */
export class People {
  readonly added: HyperLogLog;
  readonly removed: HyperLogLog;

  constructor(added: HyperLogLog, removed: HyperLogLog) {
    this.added = added;
    this.removed = removed;
  }

  static union(sets: readonly People[], keyId: number): People {
    return new People(
      HyperLogLog.union(
        sets.map(({ added }) => added),
        keyId,
      ),
      HyperLogLog.union(
        sets.map(({ removed }) => removed),
        keyId,
      ),
    );
  }

  /** Whether somebody may be one of them: see `HyperLogLog.mayHold`. */
  mayHold(entry: number): boolean {
    return this.added.mayHold(entry) && !this.removed.mayHold(entry);
  }

  /**
   * How many they are, with the 95 % interval. What was removed is a part of what was added, so the one is taken from
   * the other; their errors are taken as independent.
   */
  counted(): Counted {
    const of = countOf(this.added);
    if (this.removed.isEmpty) return of;
    const less = countOf(this.removed);
    const count = Math.max(0, of.count - less.count);
    return {
      count,
      low: Math.max(0, Math.floor(count - Math.hypot(of.count - of.low, less.high - less.count))),
      high: Math.ceil(count + Math.hypot(of.high - of.count, less.count - less.low)),
    };
  }
}

/** Bytes of what a set of people takes in memory. */
export function sizeOf({ added, removed }: People): number {
  return added.byteLength + removed.byteLength;
}
