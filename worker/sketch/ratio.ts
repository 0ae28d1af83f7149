import { z95 } from "./estimate.ts";

/** A ratio of two numbers of users with the 95 % interval, unrounded, 0 <= low <= value <= high. */
export interface Ratio {
  value: number;
  low: number;
  high: number;
}

/** Variances of two numbers and their covariance. */
interface Errors {
  partVariance: number;
  wholeVariance: number;
  covariance: number;
}

/**
 * The ratio of two estimated numbers with its interval by Fieller's theorem ("Some problems in interval estimation", 1954):
 * those R for which part - R whole, which is as normal as the two are, could be 0:
 *
 *     (part - R whole)² <= z² (V_part - 2 R C + R² V_whole).
 *
 * Where errors are small this is the delta method; unlike that it holds for a part near 0 as well.
 *
 * @returns null when the whole can't be told from nobody.
 */
export function ratioOf(part: number, whole: number, errors: Errors): Ratio | null {
  const { partVariance, wholeVariance, covariance } = errors;
  const z2 = z95 ** 2;
  const a = whole ** 2 - z2 * wholeVariance;
  if (!(a > 0) || whole <= 0) return null;
  const b = part * whole - z2 * covariance;
  const c = part ** 2 - z2 * partVariance;
  const root = Math.sqrt(Math.max(0, b ** 2 - a * c));
  const value = Math.max(0, part / whole);
  return {
    value,
    low: Math.max(0, Math.min(value, (b - root) / a)),
    high: Math.max(value, (b + root) / a),
  };
}

/** A change in shares of what was: 0.1 is 10 % more, -0.1 less. */
export function changeOf({ value, low, high }: Ratio): Ratio {
  return { value: value - 1, low: low - 1, high: high - 1 };
}

/**
 * By what share a ratio is larger than another one that was measured apart (0.1 is 10 % more), with the 95 % interval: the
 * logarithms of both bounds are apart by the root of the sum of squares. Errors that go together, as those of one app on
 * two days may, make it wider than it need be.
 *
 * @returns null when either may be 0.
 */
export function growthOf(is: Ratio, was: Ratio): Ratio | null {
  if (!(was.low > 0 && is.low > 0)) return null;
  const value = is.value / was.value;
  const down = Math.hypot(Math.log(is.value / is.low), Math.log(was.high / was.value));
  const up = Math.hypot(Math.log(is.high / is.value), Math.log(was.value / was.low));
  return changeOf({ value, low: value * Math.exp(-down), high: value * Math.exp(up) });
}
