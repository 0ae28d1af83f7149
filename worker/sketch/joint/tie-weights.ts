import { maxRegisterRank } from "../entry.ts";
import { levelShare } from "./levels.ts";

/**
 * c_w, the probability that w people share the highest rank of a register that somebody touched, for w = 0 .. `order`:
 *
 *     c_w = Σ_k exp(-λ Σ_{j>k} ρ_j) exp(-λ ρ_k) (λ ρ_k)^w / w! / (1 - exp(-λ)).
 *
 * For many people a register it comes to 1 / (w 2^w ln 2): 72 % one alone, 18 % two.
 *
 * @param load λ, people a register, above 0
 */
export function tieWeights(load: number, order: number): number[] {
  const weights = Array.from({ length: order + 1 }, () => 0);
  let above = 0;
  for (let level = maxRegisterRank; level >= 1; level--) {
    const expected = load * levelShare(level);
    let probability = Math.exp(-load * above - expected);
    for (let w = 1; w <= order; w++) {
      probability *= expected / w;
      weights[w] = weights[w]! + probability;
    }
    above += levelShare(level);
  }
  return weights.map((weight) => weight / -Math.expm1(-load));
}

/**
 * The inverse of a power series without a constant term, to the same order: φ with Σ φ_n (Σ c_w x^w)^n = x.
 * Of the weights above at many people a register: φ_n = -2 (-ln 2)^n / n!, which is 1.386, -0.480, 0.111, -0.0192, ...
 */
export function reversion(series: readonly number[]): number[] {
  const order = series.length - 1;
  const powers: number[][] = [[], [...series]];
  for (let n = 2; n <= order; n++) powers.push(product(powers[n - 1]!, series));
  const inverse = [0];
  for (let n = 1; n <= order; n++) {
    let rest = n === 1 ? 1 : 0;
    for (let k = 1; k < n; k++) rest -= inverse[k]! * powers[k]![n]!;
    inverse.push(rest / powers[n]![n]!);
  }
  return inverse;
}

/** The product of two power series, cut off at their order. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return a.map((_, degree) => {
    let sum = 0;
    for (let i = 0; i <= degree; i++) sum += a[i]! * b[degree - i]!;
    return sum;
  });
}
