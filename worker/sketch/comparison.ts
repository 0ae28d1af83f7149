import type { Counted } from "./estimate.ts";
import { changeOf, type Ratio } from "./ratio.ts";
import { Regions } from "./regions.ts";
import type { TwoPhaseSet } from "./two-phase-set.ts";

/** What became of people from one period to the next. */
export interface Comparison {
  /** In both. */
  returning: Counted;
  /** In the earlier one alone. */
  dormant: Counted;
  /** In the later one alone. */
  arrived: Counted;
  /** Those who arrived and are new; nobody where nothing is known of new ones. */
  fresh: Counted;
  /** Those who arrived and are not new; all who arrived where nothing is known of new ones. */
  resurrected: Counted;
  /** By what share the later one is larger: 0.1 is 10 % more. Null, as all ratios, where nobody can be told from its base. */
  growth: Ratio | null;
  /** The share of the earlier ones who were there in the later one too. */
  retained: Ratio | null;
  /** How many arrived for each who went dormant. */
  quickRatio: Ratio | null;
}

/** The bits of the sets in a region. */
const [earlierBit, laterBit, freshBit] = [1, 2, 4];

/**
 * Compares the people of two periods, with 95 % intervals of everything. The sets may be of any length and may overlap: a
 * month ending today with one ending yesterday grew by what the days at the ends differ, and is told that precisely.
 *
 * @param fresh those who are new in the later period; nobody of the earlier one
 * @param isPart whether the periods are of a part of the people, so that there are new ones who aren't in the later one
 */
export function compare(
  earlier: TwoPhaseSet,
  later: TwoPhaseSet,
  fresh?: TwoPhaseSet,
  isPart = false,
): Comparison {
  const sets = fresh === undefined ? [earlier, later] : [earlier, later, fresh];
  const mayBeNew = (others: number) => others === laterBit || (isPart && others === 0);
  const regions = new Regions(sets, (region) => (region & freshBit) === 0 || mayBeNew(region & ~freshBit));
  const wasThere = (region: number) => (region & earlierBit) !== 0;
  const isThere = (region: number) => (region & laterBit) !== 0;
  const isReturning = (region: number) => wasThere(region) && isThere(region);
  const isDormant = (region: number) => wasThere(region) && !isThere(region);
  const isArrived = (region: number) => !wasThere(region) && isThere(region);
  const larger = regions.ratio(isThere, wasThere);
  return {
    returning: regions.count(isReturning),
    dormant: regions.count(isDormant),
    arrived: regions.count(isArrived),
    fresh: regions.count((region) => isArrived(region) && (region & freshBit) !== 0),
    resurrected: regions.count((region) => isArrived(region) && (region & freshBit) === 0),
    growth: larger && changeOf(larger),
    retained: regions.ratio(isReturning, wasThere),
    quickRatio: regions.ratio(isArrived, isDormant),
  };
}
