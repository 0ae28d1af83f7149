import type { Counted } from "./estimate.ts";
import type { Ratio } from "./ratio.ts";
import { Regions } from "./regions.ts";
import type { TwoPhaseSet } from "./two-phase-set.ts";

/** The sets that tell who was in which state on a day. */
export interface GrowthSets {
  /** The people of the day after. */
  next: TwoPhaseSet;
  /** The people of the day. */
  day: TwoPhaseSet;
  /** Of the 6 days before the day. */
  week: TwoPhaseSet;
  /** Of the 23 days before those 6. */
  month: TwoPhaseSet;
  /** Those of the day who are new on it. */
  fresh: TwoPhaseSet;
  /** Those of `fresh` who were there on the day after. */
  freshNext: TwoPhaseSet;
}

/**
 * The states of growth accounting, as Duolingo has them ("Meaningful metrics", 2023), with 95 % intervals. Everybody of the
 * last 30 days is in one of the first six; a rate is the share of a state who were active on the day after, 0 to
 * 1, and null where nobody can be told to be in it.
 */
export interface GrowthStates {
  /** First seen on the day. */
  new: Counted;
  /** Active on the day and in the 6 days before. */
  current: Counted;
  /** Active on the day, away for the 6 days before, there in the 23 before those. */
  reactivated: Counted;
  /** Active on the day, away for the 29 days before, not new. */
  resurrected: Counted;
  /** Not active on the day, there in the 6 days before. */
  atRiskWau: Counted;
  /** Not active on the day nor in the 6 days before, there in the 23 before those. */
  atRiskMau: Counted;
  newUserRetention: Ratio | null;
  currentUserRetention: Ratio | null;
  reactivatedUserRetention: Ratio | null;
  resurrectedUserRetention: Ratio | null;
  /** How many were there on the day after and not on the day, for each who was there on the day and not on the day after. */
  quickRatio: Ratio | null;
}

/** The bits of the sets in a region. */
const [nextBit, dayBit, weekBit, monthBit, freshBit] = [1, 2, 4, 8, 16];

/** A fit of dense sketches takes some 25 ms: for a day that is over, once. */
export function growthStates({ next, day, week, month, fresh, freshNext }: GrowthSets): GrowthStates {
  // New ones were there on the day and never before.
  const regions = new Regions(
    [next, day, week, month, fresh],
    (region) => (region & freshBit) === 0 || (region & (dayBit | weekBit | monthBit)) === dayBit,
  );
  const state = (present: number, absent: number) => (region: number) =>
    (region & present) === present && (region & absent) === 0;
  const current = state(dayBit | weekBit, 0);
  const reactivated = state(dayBit | monthBit, weekBit);
  const resurrected = state(dayBit, weekBit | monthBit | freshBit);
  const retained = (isIn: (region: number) => boolean) =>
    regions.ratio((region) => isIn(region) && (region & nextBit) !== 0, isIn);
  // New ones and who of them came back are sketches of their own, small ones as a rule.
  const [cohort, cohortActive] = [1, 2];
  const newcomers = new Regions([fresh, freshNext], state(cohort, 0));
  return {
    new: newcomers.count(state(cohort, 0)),
    current: regions.count(current),
    reactivated: regions.count(reactivated),
    resurrected: regions.count(resurrected),
    atRiskWau: regions.count(state(weekBit, dayBit)),
    atRiskMau: regions.count(state(monthBit, dayBit | weekBit)),
    newUserRetention: newcomers.ratio(state(cohort | cohortActive, 0), state(cohort, 0)),
    currentUserRetention: retained(current),
    reactivatedUserRetention: retained(reactivated),
    resurrectedUserRetention: retained(resurrected),
    quickRatio: regions.ratio(state(nextBit, dayBit), state(dayBit, nextBit)),
  };
}
