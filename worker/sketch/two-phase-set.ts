import type { HyperLogLog } from "./hyperloglog.ts";

/**
 * A set of people as two sketches (a two-phase set): those who were ever added, and those of them who were removed. It
 * holds the first less the second. The removed are a part of the added.
 */
export interface TwoPhaseSet {
  readonly added: HyperLogLog;
  readonly removed: HyperLogLog;
}
