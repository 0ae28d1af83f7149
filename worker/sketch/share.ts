import type { Counted } from "./estimate.ts";
import type { Ratio } from "./ratio.ts";
import { Regions } from "./regions.ts";
import type { TwoPhaseSet } from "./two-phase-set.ts";

/**
 * The share that a set is of another one that holds it all: a day's people of its month's (stickiness), a day's of its
 * week's. 0 to 1, with the 95 % interval; null where the whole can't be told from nobody.
 */
export function share(part: TwoPhaseSet, whole: TwoPhaseSet): Ratio | null {
  const isWhole = (region: number) => (region & 2) !== 0;
  return new Regions([part, whole], isWhole).ratio((region) => region === 3, isWhole);
}

/** How many people a set has for each of another one; null where that can't be told from nobody. */
export function sizeRatio(set: TwoPhaseSet, of: TwoPhaseSet): Ratio | null {
  return new Regions([set, of]).ratio(
    (region) => (region & 1) !== 0,
    (region) => (region & 2) !== 0,
  );
}

/** How many people two sets share, with the 95 % interval: a cohort's people of one platform. */
export function intersection(a: TwoPhaseSet, b: TwoPhaseSet): Counted {
  return new Regions([a, b]).count((region) => region === 3);
}

/** Those of a cohort who were active later. */
export interface Retained {
  size: Counted;
  active: Counted;
  /** Active over size, 0 to 1; null where the size can't be told from nobody. */
  rate: Ratio | null;
}

/**
 * How many of a cohort came back, with 95 % intervals, of all its people or of those who are in another set too: a
 * platform, a plan. The cohort and who of it was active are stored, their product with the other set need not be.
 *
 * @param active the cohort's people who were active in the period asked for, a part of the cohort
 */
export function retention(cohort: TwoPhaseSet, active: TwoPhaseSet, within?: TwoPhaseSet): Retained {
  const [cohortBit, activeBit, withinBit] = [1, 2, 4];
  const sets = within === undefined ? [cohort, active] : [cohort, active, within];
  const meant = within === undefined ? cohortBit : cohortBit | withinBit;
  const regions = new Regions(sets, (region) => (region & activeBit) === 0 || (region & cohortBit) !== 0);
  const isMeant = (region: number) => (region & meant) === meant;
  const isActive = (region: number) => isMeant(region) && (region & activeBit) !== 0;
  return {
    size: regions.count(isMeant),
    active: regions.count(isActive),
    rate: regions.ratio(isActive, isMeant),
  };
}
