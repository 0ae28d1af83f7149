import { levelShare, type Telling } from "./levels.ts";

/** What a likelihood needs to know at one place, in the rates of the regions. */
export interface Likelihood {
  /** ln L. */
  value: number;
  gradient: Float64Array;
  /** Fisher's information, row by row. */
  information: Float64Array;
}

/** Least probability that is told from none: what cannot happen under any rates must not end the search. */
const least = 1e-300;

/**
 * The likelihood of what registers tell, where the people of each region come to a register as a Poisson process.
 *
 * At one level, region c brings somebody with probability 1 - exp(-ρ λ_c), into all sketches of c. Starting from "seen
 * nowhere", each region in turn either brings nobody or turns "seen in S" into "seen in S ∪ c":
 *
 *     P(S) <- exp(-ρ λ_c) P(S) + (1 - exp(-ρ λ_c)) Q_c(S),   Q_c(S) = Σ P(S') over S' with S' ∪ c = S.
 *
 * Nothing is ever subtracted, so small probabilities keep all their digits. A little more of c does the same once more:
 * dP(S)/dλ_c = ρ (Q_c(S) - P(S)). Of the sketches T that tell, P_T is the marginal of P. Then
 *
 *     ln L = Σ n ln P_T(S),   gradient = Σ n P_T'/P_T,   information = Σ N_T Σ_S P_T' P_T'ᵀ / P_T,
 *
 * the information being what each telling could be expected to give, whatever it then gave. Two sketches are the case
 * of Ertl, arXiv:1702.01284, section 5, more are its generalisation.
 *
 * @param regions the regions that can have people, as bits of sketches
 * @param rates people of each region a register, above 0
 */
export function likelihoodOf(
  facts: readonly Telling[],
  width: number,
  regions: readonly number[],
  rates: Float64Array,
): Likelihood {
  const count = regions.length;
  const size = 1 << width;
  const result = {
    value: 0,
    gradient: new Float64Array(count),
    information: new Float64Array(count * count),
  };
  const slopes = regions.map(() => new Float64Array(size));
  let probabilities = new Float64Array(0);
  let level = 0;
  for (const fact of facts) {
    if (fact.level !== level) {
      ({ level } = fact);
      probabilities = seenAt(level, size, regions, rates, slopes);
    }
    addTelling(fact, probabilities, slopes, result);
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) result.information[j * count + i] = result.information[i * count + j]!;
  }
  return result;
}

/** P of a level, and into `slopes` its derivative for each region. */
function seenAt(
  level: number,
  size: number,
  regions: readonly number[],
  rates: Float64Array,
  slopes: readonly Float64Array[],
): Float64Array<ArrayBuffer> {
  const share = levelShare(level);
  const probabilities = new Float64Array(size);
  probabilities[0] = 1;
  const joined = new Float64Array(size);
  const join = (region: number) => {
    joined.fill(0);
    for (let set = 0; set < size; set++) joined[set | region] = joined[set | region]! + probabilities[set]!;
  };
  for (const [i, region] of regions.entries()) {
    join(region);
    const nobody = Math.exp(-share * rates[i]!);
    const somebody = -Math.expm1(-share * rates[i]!);
    for (let set = 0; set < size; set++) {
      probabilities[set] = nobody * probabilities[set]! + somebody * joined[set]!;
    }
  }
  for (const [i, region] of regions.entries()) {
    join(region);
    const slope = slopes[i]!;
    for (let set = 0; set < size; set++) slope[set] = share * (joined[set]! - probabilities[set]!);
  }
  return probabilities;
}

/** Adds one telling's share of ln L, of its gradient, and of the lower half of the information. */
function addTelling(
  { sketches, registers, seen }: Telling,
  probabilities: Float64Array,
  slopes: readonly Float64Array[],
  to: Likelihood,
): void {
  const count = slopes.length;
  const size = probabilities.length;
  const marginal = new Float64Array(size);
  // Derivatives set by set, so that the innermost loop runs along an array.
  const marginalSlopes = new Float64Array(size * count);
  for (let set = 0; set < size; set++) {
    const told = set & sketches;
    marginal[told] = marginal[told]! + probabilities[set]!;
    for (let i = 0; i < count; i++) {
      marginalSlopes[told * count + i] = marginalSlopes[told * count + i]! + slopes[i]![set]!;
    }
  }
  for (let set = 0; set < size; set++) {
    if ((set & ~sketches) !== 0) continue;
    const probability = Math.max(marginal[set]!, least);
    const n = seen[set]!;
    if (n > 0) to.value += n * Math.log(probability);
    const at = set * count;
    for (let i = 0; i < count; i++) {
      const slope = marginalSlopes[at + i]! / probability;
      if (slope === 0) continue;
      to.gradient[i] = to.gradient[i]! + n * slope;
      const expected = registers * slope;
      for (let j = 0; j <= i; j++) {
        to.information[i * count + j] = to.information[i * count + j]! + expected * marginalSlopes[at + j]!;
      }
    }
  }
}
