import { addressBits, maxRegisterRank, registerCount } from "./entry.ts";

/** The number of different values of a register: 0 for untouched, then the ranks 1..51. */
export const histogramSize = maxRegisterRank + 1;

/** 1 / (2 ln 2): what m² / Σ 2^-register settles at when there are far more users than registers. */
const alphaInfinity = 0.5 / Math.LN2;

/**
 * The improved raw estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017,
 * arXiv:1702.01284, algorithm 6). One formula over the whole range: no tables, and none of the bump of up to +2.4 %
 * that the estimator of 2007 has near 2.5 users a register, where it changes formulas.
 *
 * @param histogram how many registers hold each value, {@link histogramSize} numbers that add up to 16384.
 * @returns the estimated number of users, unrounded; 0 for untouched registers, Infinity if every one is at its end.
 */
export function improvedEstimate(histogram: ArrayLike<number>): number {
  let z = registerCount * tau(1 - histogram[maxRegisterRank]! / registerCount);
  for (let rank = maxRegisterRank - 1; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
  z += registerCount * sigma(histogram[0]! / registerCount);
  return (alphaInfinity * registerCount * registerCount) / z;
}

/**
 * The number of users behind `size` different addresses, by linear counting over 2^26 of them (Whang et al. 1990).
 * At the limit of 3,072 it adds 0.07 to the size: two users share an address in one of 14 such sketches.
 */
export function sparseEstimate(size: number): number {
  const addresses = 2 ** addressBits;
  return -addresses * Math.log1p(-size / addresses);
}

/** x + Σ x^(2^k) 2^(k-1): what the untouched registers add. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let weight = 1;
  let sum = x;
  for (let before = -1; sum !== before; weight += weight) {
    before = sum;
    power *= power;
    sum += power * weight;
  }
  return sum;
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3: what the registers at their end add. */
function tau(x: number): number {
  if (x <= 0 || x >= 1) return 0;
  let root = x;
  let weight = 1;
  let sum = 1 - x;
  for (let before = -1; sum !== before;) {
    before = sum;
    root = Math.sqrt(root);
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
