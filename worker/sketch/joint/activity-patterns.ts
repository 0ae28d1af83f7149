import { maxRegisterRank, registerCount } from "../entry.ts";
import { improvedEstimate } from "../improved-estimator.ts";
import { reversion, tieWeights } from "./tie-weights.ts";

/** How many people were active on how many of some days. */
export interface Histogram {
  /** Active on any of the days. */
  people: number;
  /** People by the number of days; none at 0. */
  bins: Float64Array;
  /** The same, estimated without one group of registers each; none where it is exact. */
  withoutGroup: Float64Array[];
  /** The share of people whose patterns aren't known one by one: of these alone the registers are a sample. */
  sampled: number;
}

/** Registers are dealt into so many groups for the jackknife. */
export const groupCount = 32;

/** Powers of the series that are kept; the rest adds up to 1 in 50,000. */
const order = 8;

/** How many neighbours each pattern is united with, at distances of 1 to so many. */
const spread = 8;

/**
 * On how many days each person was active, from the sketches of the days alone.
 *
 * In each register the highest rank K of all days was brought by one person, drawn evenly from all, and the days whose own
 * register holds K are the days of that person. So the registers are a sample of some 16,384 people's patterns of days;
 * but in 28 of 100 registers w > 1 people share rank K, and what is seen is the union of their patterns.
 *
 * For any set S of days let q be the share of people with none of S, and g that of registers whose pattern has none
 * of S. All of w tied people have none of S with probability q^w, so g = C(q) = Σ c_w q^w (`tieWeights`), and
 * q = Σ φ_n g^n with the reversed series. Now g^n is the share of unions of n independent patterns that have none of S.
 * As this holds for every S it holds for the patterns themselves:
 *
 *     people's patterns = Σ φ_n · (unions of n registers' patterns).
 *
 * Independent registers are a register's neighbours in its group. The standard error comes from leaving out one group
 * after the other (the jackknife), times the root of the share of people who aren't in the sample (as for any sample without
 * replacement from so many).
 *
 * @param rows the registers of up to 31 sketches, not all of them untouched
 */
export function patternHistogram(rows: readonly Uint8Array[]): Histogram {
  const { groups, histogram } = patternsOf(rows);
  const people = Math.min(improvedEstimate(histogram), Number.MAX_SAFE_INTEGER);
  const ties = tieWeights(people / registerCount, order);
  // What the series leaves out after the eighth power is spread over all, so that they add up to everybody.
  const reversed = reversion(ties);
  const kept = reversed.reduce((sum, weight) => sum + weight, 0);
  const weights = reversed.map((weight) => weight / kept);
  const parts = groups.map((patterns) => sumsOf(patterns, rows.length, weights));
  const all = new Float64Array(rows.length + 1);
  for (const part of parts) for (const [n, sum] of part.entries()) all[n] = all[n]! + sum;
  const touched = groups.reduce((sum, patterns) => sum + patterns.length, 0);
  return {
    people,
    bins: all.map((sum) => (people * sum) / touched),
    withoutGroup: parts.map((part, g) =>
      all.map((sum, n) => (people * (sum - part[n]!)) / (touched - groups[g]!.length)),
    ),
    sampled: Math.max(0, 1 - (ties[1]! * touched) / people),
  };
}

/** The pattern of each touched register, group by group, and the histogram of the union's registers. */
function patternsOf(rows: readonly Uint8Array[]): { groups: Int32Array[]; histogram: Int32Array } {
  const histogram = new Int32Array(maxRegisterRank + 1);
  const groups: number[][] = Array.from({ length: groupCount }, () => []);
  for (let register = 0; register < registerCount; register++) {
    let highest = 0;
    let pattern = 0;
    for (let day = 0; day < rows.length; day++) {
      const rank = rows[day]![register]!;
      if (rank > highest) {
        highest = rank;
        pattern = 1 << day;
      } else if (rank === highest) pattern |= 1 << day;
    }
    histogram[highest] = histogram[highest]! + 1;
    if (highest > 0) groups[register % groupCount]!.push(pattern);
  }
  return { groups: groups.map((patterns) => Int32Array.from(patterns)), histogram };
}

/** Σ φ_n over the registers of a group, by the number of days in the unions of n. */
function sumsOf(patterns: Int32Array, days: number, weights: readonly number[]): Float64Array {
  const sums = new Float64Array(days + 1);
  const add = (pattern: number, weight: number) => {
    const count = bitCount(pattern);
    sums[count] = sums[count]! + weight;
  };
  for (let i = 0; i < patterns.length; i++) {
    add(patterns[i]!, weights[1]!);
    for (let distance = 1; distance <= spread; distance++) {
      let union = patterns[i]!;
      let at = i;
      for (let n = 2; n < weights.length; n++) {
        at += distance;
        if (at >= patterns.length) at %= patterns.length;
        union |= patterns[at]!;
        add(union, weights[n]! / spread);
      }
    }
  }
  return sums;
}

/** How many bits are set in a 32-bit number. */
export function bitCount(bits: number): number {
  let sums = bits - ((bits >>> 1) & 0x55555555);
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
  return Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
