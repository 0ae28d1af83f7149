import { type HyperLogLog, sparseLimit } from "./hyperloglog.ts";
import { relativeStandardError } from "./standard-error.ts";

/** Bounds of a number of users. */
interface Interval {
  low: number;
  high: number;
}

/** A number of users in whole users, 0 <= low <= count <= high. */
export interface Counted extends Interval {
  count: number;
}

/** The two-sided 95 % point of the normal distribution. */
export const z95 = 1.96;

/** No dense sketch has seen fewer users: with as many addresses as this it was no list any more. */
const fewestDense = sparseLimit + 1;

/**
 * The numbers of users that could well have given this sketch.
 *
 * A true n gives estimates that are normal around n with n · RSE(n), so those n are sought whose estimate lies within
 * z standard errors: n (1 ± z RSE) = estimate. A sparse sketch is practically exact, and its bounds are its count. A dense
 * one has seen more users than a list holds, whatever its registers say.
 *
 * @param z how many standard errors; 1.96 for 95 %, 2.576 for 99 %.
 * @returns unrounded bounds; the true number lies within them in 95 of 100 sketches (measured in test/sketch).
 */
export function interval(sketch: HyperLogLog, z: number = z95): Interval {
  const estimate = sketch.count();
  if (sketch.isSparse || !Number.isFinite(estimate)) return { low: estimate, high: estimate };
  const deviation = z * relativeStandardError(estimate);
  return {
    low: Math.max(fewestDense, estimate / (1 + deviation)),
    high: deviation < 1 ? Math.max(fewestDense, estimate / (1 - deviation)) : Number.POSITIVE_INFINITY,
  };
}

/**
 * How many users a sketch has seen, with the bounds of the 95 % interval, in whole users.
 * Capped at 2^53 - 1, which only a sketch that was made up can reach.
 */
export function countOf(sketch: HyperLogLog): Counted {
  const count = wholeUsers(Math.round(sketch.count()));
  if (sketch.isSparse) return { count, low: count, high: count };
  const { low, high } = interval(sketch);
  return {
    count: Math.max(fewestDense, count),
    low: wholeUsers(Math.floor(low)),
    high: wholeUsers(Math.ceil(high)),
  };
}

/** A number of users with the 95 % interval of a normal error, in whole users from 0 on. */
export function countedWithin(users: number, standardError: number): Counted {
  const count = wholeUsers(Math.max(0, Math.round(users)));
  if (standardError < 1e-6) return { count, low: count, high: count };
  return {
    count,
    low: wholeUsers(Math.max(0, Math.floor(users - z95 * standardError))),
    high: Math.max(count, wholeUsers(Math.ceil(users + z95 * standardError))),
  };
}

function wholeUsers(users: number): number {
  return Math.min(users, Number.MAX_SAFE_INTEGER);
}
