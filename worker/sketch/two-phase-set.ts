import { SketchMismatchError } from "./errors.ts";
import type { HyperLogLog } from "./hyperloglog.ts";

/**
 * A set of people as two sketches (a two-phase set): those who were ever added, and those of them who were removed. It
 * holds the first less the second. The removed are a part of the added.
 */
export interface TwoPhaseSet {
  readonly added: HyperLogLog;
  readonly removed: HyperLogLog;
}

/** @throws SketchMismatchError when not all sets are of one hash key, so that nobody in two of them could be recognised. */
export function checkOneKey(sets: readonly TwoPhaseSet[]): void {
  const [first] = sets;
  for (const { added, removed } of sets) {
    for (const { keyId } of [added, removed]) {
      if (keyId === first!.added.keyId) continue;
      throw new SketchMismatchError(
        `sketches of the keys ${first!.added.keyId} and ${keyId} cannot be compared`,
      );
    }
  }
}
