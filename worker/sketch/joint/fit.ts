import { maxRegisterRank, registerCount } from "../entry.ts";
import { improvedEstimate } from "../improved-estimator.ts";
import { type Telling, tellings } from "./levels.ts";
import { type Likelihood, likelihoodOf } from "./likelihood.ts";
import { inverse, solve } from "./linear-equations.ts";
import type { RegionMoments } from "./region-moments.ts";

/** Rates below this, a thousandth of a person in all, are as good as none. */
const floor = 1e-3 / registerCount;

/** One person in all. */
const onePerson = 1 / registerCount;

/** 1.96 standard errors of a Poisson number with this mean are 3, the 95 % bound where nobody was noticed (the rule of three). */
const leastNoticed = 2.35;

const mostRounds = 5;

/** Steps are in logarithms of rates; none changes a rate by more than e² at once. */
const longestStep = 2;

const mostSteps = 100;

/** What damping starts with. More would make any step look as if it led nowhere. */
const leastDamping = 1e-3;

/** Where damping ends: steps are then too short to change anything. */
const mostDamping = 1e9;

/** The search ends where the next step would raise ln L by less: a thousandth of a standard error away from the top. */
const closeEnough = 1e-6;

/**
 * How many people are in each region of up to six sketches, by joint maximum likelihood of their registers.
 *
 * @param regions the regions that can have people, as bits of sketches; more than there are only cost precision
 * @returns people by region, with the covariance of the error for a given number of people.
 */
export function fitRegions(rows: readonly Uint8Array[], regions: readonly number[]): RegionMoments {
  const facts = tellings(rows);
  const rates = highest(facts, rows.length, regions, start(rows, regions));
  const size = 1 << rows.length;
  const people = new Float64Array(size);
  for (const [i, region] of regions.entries()) {
    people[region] = rates[i]! <= 3 * floor ? 0 : rates[i]! * registerCount;
  }
  return { people, covariance: covarianceOf(facts, rows.length, regions, rates) };
}

/**
 * Where to start: the highest rank of a register came from somebody drawn evenly from all, so the sketches that hold it
 * are a sample of regions (with ties, which don't matter here). Half a register on top keeps each region above none.
 */
function start(rows: readonly Uint8Array[], regions: readonly number[]): Float64Array {
  const registers = new Float64Array(1 << rows.length);
  const histogram = new Int32Array(maxRegisterRank + 1);
  for (let i = 0; i < registerCount; i++) {
    let top = 0;
    let holders = 0;
    for (let sketch = 0; sketch < rows.length; sketch++) {
      const rank = rows[sketch]![i]!;
      if (rank > top) {
        top = rank;
        holders = 1 << sketch;
      } else if (rank === top) holders |= 1 << sketch;
    }
    histogram[top] = histogram[top]! + 1;
    if (top > 0) registers[holders] = registers[holders]! + 1;
  }
  const load = Math.min(improvedEstimate(histogram), Number.MAX_SAFE_INTEGER) / registerCount;
  const weights = Float64Array.from(regions, (region) => registers[region]! + 0.5);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.max(floor, (load * weight) / all));
}

/**
 * Fisher scoring in the logarithms of the rates, so that they stay above 0: step = (information)^-1 gradient, damped after
 * Levenberg and Marquardt where it would lead down. A region that wants below the floor is left there.
 */
function highest(
  facts: readonly Telling[],
  width: number,
  regions: readonly number[],
  from: Float64Array,
): Float64Array {
  let rates = from;
  let here = likelihoodOf(facts, width, regions, rates);
  let damping = 0;
  for (let taken = 0; taken < mostSteps && damping < mostDamping; taken++) {
    const step = stepFrom(here, rates, damping);
    if (step !== null && step.gain < closeEnough && damping <= leastDamping) break;
    const next = step && moved(rates, step.move);
    const there = next && likelihoodOf(facts, width, regions, next);
    if (next !== null && there !== null && there.value > here.value) {
      rates = next;
      here = there;
      damping = damping <= leastDamping ? 0 : damping / 10;
    } else damping = Math.max(leastDamping, damping * 10);
  }
  return rates;
}

function moved(rates: Float64Array, move: Float64Array): Float64Array {
  return rates.map((rate, i) => {
    const length = Math.max(-longestStep, Math.min(longestStep, move[i]!));
    return Math.max(floor, rate * Math.exp(length));
  });
}

/** The step in logarithms, and by how much it raises ln L as far as first and second derivatives tell. */
function stepFrom(
  { gradient, information }: Likelihood,
  rates: Float64Array,
  damping: number,
): { move: Float64Array; gain: number } | null {
  const count = rates.length;
  const isFixed = Array.from(rates, (rate, i) => rate <= floor && gradient[i]! <= 0);
  const slope = rates.map((rate, i) => (isFixed[i] ? 0 : rate * gradient[i]!));
  const curvature = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (isFixed[i] || isFixed[j]) continue;
      curvature[i * count + j] = rates[i]! * rates[j]! * information[i * count + j]!;
    }
    const at = i * count + i;
    curvature[at] = isFixed[i] ? 1 : curvature[at]! * (1 + damping + 1e-10);
  }
  const move = solve(curvature, slope);
  return move && { move, gain: 0.5 * move.reduce((sum, length, i) => sum + length * slope[i]!, 0) };
}

/**
 * The inverse of the information is the covariance for people who come as a Poisson process. Ours are a given number, so the
 * variance of how many come, which is their mean, goes off again.
 *
 * Errors around few people are not those of a normal distribution: where nobody was noticed, there may be three times as
 * many as one of whom would be. So a region's errors are those of no fewer people than are noticed {@link leastNoticed} times.
 */
function covarianceOf(
  facts: readonly Telling[],
  width: number,
  regions: readonly number[],
  rates: Float64Array,
): Float64Array {
  const count = regions.length;
  const size = 1 << width;
  const covariance = new Float64Array(size * size);
  const lifted = noticed(facts, width, regions, rates);
  const { information } = likelihoodOf(facts, width, regions, lifted);
  for (let i = 0; i < count; i++) information[i * count + i] = information[i * count + i]! * (1 + 1e-10);
  const inverted = inverse(information, count);
  for (const [i, row] of regions.entries()) {
    for (const [j, column] of regions.entries()) {
      const poisson = (inverted?.[i * count + j] ?? 0) * registerCount ** 2;
      const arrivals = i === j ? lifted[i]! * registerCount : 0;
      covariance[row * size + column] = i === j ? Math.max(0, poisson - arrivals) : poisson;
    }
  }
  return covariance;
}

/**
 * Rates at which each region is noticed often enough. With p the chance to be noticed, the information about v people is
 * p / v, and v² times that the number noticed. Where ties of others look the same it is 1 / σ² at any v, and the rate
 * then comes to some σ. Roots are taken so that neither kind is overshot.
 */
function noticed(
  facts: readonly Telling[],
  width: number,
  regions: readonly number[],
  rates: Float64Array,
): Float64Array {
  const count = regions.length;
  let lifted = rates.map((rate) => Math.max(rate, onePerson));
  for (let round = 0; round < mostRounds; round++) {
    const { information } = likelihoodOf(facts, width, regions, lifted);
    const times = lifted.map((rate, i) => rate ** 2 * information[i * count + i]!);
    if (times.every((n) => n > leastNoticed / 2)) break;
    lifted = lifted.map((rate, i) => rate * Math.min(100, Math.max(1, Math.sqrt(leastNoticed / times[i]!))));
  }
  return lifted;
}
