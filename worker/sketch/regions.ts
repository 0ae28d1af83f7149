import { type Counted, countedWithin } from "./estimate.ts";
import type { HyperLogLog } from "./hyperloglog.ts";
import { fitRegions } from "./joint/fit.ts";
import { givenSums } from "./joint/known-sums.ts";
import { listed } from "./joint/listed.ts";
import { difference, exactMoments, type RegionMoments } from "./joint/region-moments.ts";
import { type Ratio, ratioOf } from "./ratio.ts";
import { checkOneKey, type TwoPhaseSet } from "./two-phase-set.ts";

/** Each set doubles the regions, and more than doubles the time. */
const mostSets = 6;

/** Says of a region, the bits of the sets that its people are in and in which only, whether it is meant. */
type Choice = (region: number) => boolean;

/**
 * How many people are in which of up to six sets at once, with the errors of all these numbers and how they go together.
 *
 * - Of sparse sketches: exact, address by address.
 * - Else joint maximum likelihood of the registers of all, {@link fitRegions}, in line with what is known of the sparse ones
 *   among them, {@link givenSums}.
 *
 * People who were removed are counted likewise and taken away, region by region: who was removed from two sets was added to
 * both. (Who was removed from one and is still in the other counts as in both. That happens where a link could move the
 * past of one period and not of another; the person was there in both.)
 */
export class Regions {
  readonly #moments: RegionMoments;

  /**
   * @param sets up to six, of one hash key
   * @param isPossible whether a region can have people; the more can't, the less the others are in doubt
   * @throws RangeError when there are more, SketchMismatchError when they are of different keys.
   */
  constructor(sets: readonly TwoPhaseSet[], isPossible: Choice = () => true) {
    if (sets.length > mostSets)
      throw new RangeError(`at most ${mostSets} sets are compared, not ${sets.length}`);
    checkOneKey(sets);
    const added = momentsOf(
      sets.map((set) => set.added),
      isPossible,
    );
    const isPlain = sets.every(({ removed }) => removed.isEmpty);
    const removed = isPlain
      ? undefined
      : momentsOf(
          sets.map((set) => set.removed),
          isPossible,
        );
    this.#moments = removed === undefined ? added : difference(added, removed);
  }

  /** The people of all regions chosen, with the 95 % interval. */
  count(isIn: Choice): Counted {
    const weights = this.#weights(isIn);
    return countedWithin(this.#sum(weights), Math.sqrt(this.#covariance(weights, weights)));
  }

  /** The people of some regions over those of others; null when the others can't be told from nobody. */
  ratio(isPart: Choice, isWhole: Choice): Ratio | null {
    const [part, whole] = [this.#weights(isPart), this.#weights(isWhole)];
    const ratio = ratioOf(this.#sum(part), this.#sum(whole), {
      partVariance: this.#covariance(part, part),
      wholeVariance: this.#covariance(whole, whole),
      covariance: this.#covariance(part, whole),
    });
    const isShare = part.every((weight, region) => weight <= whole[region]!);
    if (ratio === null || !isShare) return ratio;
    return { value: Math.min(1, ratio.value), low: Math.min(1, ratio.low), high: Math.min(1, ratio.high) };
  }

  #weights(isIn: Choice): Float64Array {
    return this.#moments.people.map((_, region) => (region > 0 && isIn(region) ? 1 : 0));
  }

  #sum(weights: Float64Array): number {
    return weights.reduce((sum, weight, region) => sum + weight * this.#moments.people[region]!, 0);
  }

  #covariance(a: Float64Array, b: Float64Array): number {
    const { covariance } = this.#moments;
    let sum = 0;
    for (const [i, left] of a.entries()) {
      if (left === 0) continue;
      for (const [j, right] of b.entries()) sum += left * right * covariance[i * b.length + j]!;
    }
    return sum;
  }
}

function momentsOf(sketches: readonly HyperLogLog[], isPossible: Choice): RegionMoments {
  const size = 1 << sketches.length;
  const sparse = sketches.reduce((bits, sketch, i) => (sketch.isSparse ? bits | (1 << i) : bits), 0);
  // Of the sparse sketches it is known how many people are in which.
  const known = new Map<number, number>();
  for (const lists of listed(sketches).values()) known.set(lists, (known.get(lists) ?? 0) + 1);
  if (sparse === size - 1) {
    return exactMoments(Float64Array.from({ length: size }, (_, region) => known.get(region) ?? 0));
  }
  const regions = Array.from({ length: size }, (_, region) => region).filter((region) => {
    const lists = region & sparse;
    return region > 0 && (lists === 0 || known.has(lists)) && isPossible(region);
  });
  const fit = fitRegions(
    sketches.map((sketch) => sketch.registers()),
    regions,
  );
  const sums = Array.from(known, ([lists, people]) => ({
    people,
    regions: regions.filter((region) => (region & sparse) === lists),
  }));
  return givenSums(fit, sums);
}
