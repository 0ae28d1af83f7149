import type { People } from "../counting/people.ts";
import { maxJointFits } from "../limits.ts";
import { type Counted, type Ratio, ratioOf, share, z95 } from "../sketch/index.ts";

/** Shares that sets are of others that hold them, of one question: so many large ones are fitted and no more. */
export class Shares {
  #fitsLeft = maxJointFits;

  /** From 0 to 1, with the 95 % interval; null where the whole can't be told from nobody. */
  of(part: People, whole: People): Ratio | null {
    const isSmall = part.added.isSparse && whole.added.isSparse;
    if (!isSmall && this.#fitsLeft-- <= 0) return shareOfCounts(part.counted(), whole.counted());
    return share(part, whole);
  }
}

/** A share from counts alone: their errors are taken for independent, which makes the interval wider than it need be. */
export function shareOfCounts(part: Counted, whole: Counted): Ratio | null {
  const ratio = ratioOf(part.count, whole.count, {
    partVariance: varianceOf(part),
    wholeVariance: varianceOf(whole),
    covariance: 0,
  });
  if (ratio === null) return null;
  const [value, low, high] = [ratio.value, ratio.low, ratio.high].map((one) => Math.min(1, one));
  return { value: value!, low: low!, high: high! };
}

function varianceOf({ low, high }: Counted): number {
  return ((high - low) / 2 / z95) ** 2;
}
