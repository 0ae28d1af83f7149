import type { RegionMoments } from "./region-moments.ts";

/** The variance of what is known: a tenth of a person, so that nothing is divided by 0. */
const almostNone = 0.01;

/**
 * Brings estimates into line with sums that are known: the mean and the covariance of normal errors given each sum (the
 * update of a Kalman filter). What is too many or too few is shared out by how far off each region may be.
 *
 * @param sums the regions of each sum, and how many people they have together
 */
export function givenSums(
  { people, covariance }: RegionMoments,
  sums: readonly { regions: readonly number[]; people: number }[],
): RegionMoments {
  const size = people.length;
  const known = { people: people.slice(), covariance: covariance.slice() };
  for (const { regions, people: total } of sums) {
    const [mean, errors] = [known.people, known.covariance];
    // How each region goes together with the sum.
    const gain = mean.map((_, i) => regions.reduce((sum, j) => sum + errors[i * size + j]!, 0));
    const variance = regions.reduce((sum, i) => sum + gain[i]!, 0) + almostNone;
    const excess = regions.reduce((sum, i) => sum + mean[i]!, 0) - total;
    known.people = mean.map((value, i) => value - (gain[i]! * excess) / variance);
    known.covariance = errors.map(
      (value, at) => value - (gain[Math.floor(at / size)]! * gain[at % size]!) / variance,
    );
  }
  return known;
}
