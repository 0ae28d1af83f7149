import { rankOf, registerCount, registerOf } from "../entry.ts";
import { improvedEstimate, histogramSize } from "../improved-estimator.ts";
import { levelShare } from "./levels.ts";
import { inverse, solve } from "./linear-equations.ts";
import type { RegionMoments } from "./region-moments.ts";

/** One register in which somebody of the lists has just the register's rank. */
interface Tie {
  share: number;
  /** How many of each class. */
  people: Float64Array;
}

/** What a dense sketch says about people who are known one by one. */
interface Evidence {
  /** The least and the most that φ of each class can be, and at last β. */
  least: Float64Array;
  most: Float64Array;
  /** People of each class. */
  size: Float64Array;
  /** How many of each class have a rank above their register's: they are not in the dense sketch. */
  absent: Float64Array;
  ties: Tie[];
  /** Registers of each rank in which nobody of the lists has that rank. */
  alone: Float64Array;
  /** Σ over registers of the probability that a newcomer has a higher rank. */
  above: number;
}

const mostSteps = 60;
const closeEnough = 1e-9;

/**
 * How many of the people of some lists (sparse sketches) are in a dense one, by maximum likelihood.
 *
 * People are known one by one, so each falls into a class: the lists that they are in. Those of class g are in the
 * dense sketch with probability θ_g each, and people of no list come to a register as a Poisson process of rate β. A
 * register says no more than v exactly if nobody of a higher rank is in it, so with φ_g = -ln(1 - θ_g), a_g people of
 * class g whose rank is higher than v and e_g whose rank is v,
 *
 *     ln P(v) = -Σ a_g φ_g - β Σ_{j>v} ρ_j + ln(1 - exp(-(Σ e_g φ_g + β ρ_v))),
 *
 * and without the last term for v = 0. That is concave in (φ, β): there is one maximum. It keeps what registers of the lists
 * would lose: how many people there are in all, and those who share a register with others.
 *
 * @param regionsOfEntries each entry with the bits of its lists
 * @param denseBit the bit of the dense sketch in the regions returned
 */
export function fitLists(
  regionsOfEntries: ReadonlyMap<number, number>,
  registers: Uint8Array,
  denseBit: number,
  size: number,
  isPossible: (region: number) => boolean,
): RegionMoments {
  const classes = [...new Set(regionsOfEntries.values())].toSorted((a, b) => a - b);
  const evidence = evidenceOf(regionsOfEntries, classes, registers);
  for (const [g, lists] of classes.entries()) {
    if (!isPossible(lists)) evidence.least[g] = evidence.most[g]!;
    else if (!isPossible(lists | denseBit)) evidence.most[g] = 0;
  }
  const found = highest(evidence, registers);
  const people = new Float64Array(size);
  for (const [g, lists] of classes.entries()) {
    const away = evidence.size[g]! * Math.exp(-found[g]!);
    people[lists] = away;
    people[lists | denseBit] = evidence.size[g]! - away;
  }
  people[denseBit] = found[classes.length]! * registerCount;
  return { people, covariance: covarianceOf(evidence, found, classes, denseBit, size) };
}

function evidenceOf(
  regionsOfEntries: ReadonlyMap<number, number>,
  classes: readonly number[],
  registers: Uint8Array,
): Evidence {
  const count = classes.length;
  const size = new Float64Array(count);
  const absent = new Float64Array(count);
  const alone = new Float64Array(histogramSize);
  let above = 0;
  for (const rank of registers) {
    alone[rank] = alone[rank]! + 1;
    if (rank < histogramSize - 1) above += 2 ** -rank;
  }
  const ties = new Map<number, Tie>();
  for (const [entry, lists] of regionsOfEntries) {
    const g = classes.indexOf(lists);
    const register = registerOf(entry);
    const held = registers[register]!;
    const rank = rankOf(entry);
    size[g] = size[g]! + 1;
    if (rank > held) absent[g] = absent[g]! + 1;
    if (rank !== held) continue;
    let tie = ties.get(register);
    if (tie === undefined) {
      tie = { share: levelShare(held), people: new Float64Array(count) };
      ties.set(register, tie);
      alone[held] = alone[held]! - 1;
    }
    tie.people[g] = tie.people[g]! + 1;
  }
  // φ up to where a thousandth of a person is missing, β from a thousandth of a person in all.
  const least = new Float64Array(count + 1);
  least[count] = 1e-3 / registerCount;
  const most = Float64Array.from([...size.map((people) => Math.log(1000 * people)), Number.MAX_VALUE]);
  return { least, most, size, absent, ties: [...ties.values()], alone, above };
}

/** ln L, its gradient and minus its second derivatives at (φ, β). */
function derivatives({ absent, ties, alone, above }: Evidence, at: Float64Array) {
  const count = at.length;
  const beta = at[count - 1]!;
  const gradient = new Float64Array(count);
  const curvature = new Float64Array(count * count);
  let value = -above * beta;
  gradient[count - 1] = -above;
  for (let g = 0; g < count - 1; g++) {
    value -= absent[g]! * at[g]!;
    gradient[g] = -absent[g]!;
  }
  const weights = new Float64Array(count);
  /** Adds `registers` times ln(1 - exp(-z)), z = weights · at. */
  const seen = (registers: number) => {
    const z = weights.reduce((sum, weight, i) => sum + weight * at[i]!, 0);
    const slope = 1 / Math.expm1(z);
    value += registers * Math.log(-Math.expm1(-z));
    for (let i = 0; i < count; i++) {
      gradient[i] = gradient[i]! + registers * slope * weights[i]!;
      for (let j = 0; j < count; j++) {
        curvature[i * count + j] =
          curvature[i * count + j]! + registers * slope * (1 + slope) * weights[i]! * weights[j]!;
      }
    }
  };
  for (let rank = 1; rank < histogramSize; rank++) {
    weights[count - 1] = levelShare(rank);
    if (alone[rank]! > 0) seen(alone[rank]!);
  }
  for (const { share, people } of ties) {
    weights.set(people);
    weights[count - 1] = share;
    seen(1);
  }
  return { value, gradient, curvature };
}

/** Newton's method within the bounds; steps are halved where they lead down. */
function highest(evidence: Evidence, registers: Uint8Array): Float64Array {
  const { least, most } = evidence;
  const count = least.length;
  const histogram = new Int32Array(histogramSize);
  for (const rank of registers) histogram[rank] = histogram[rank]! + 1;
  const load = improvedEstimate(histogram) / registerCount;
  const within = (x: number, i: number) => Math.max(least[i]!, Math.min(most[i]!, x));
  let at = least.map((_, i) => within(i === count - 1 ? load : Math.LN2, i));
  let here = derivatives(evidence, at);
  for (let step = 0; step < mostSteps; step++) {
    const isFixed = Array.from(at, (x, i) => (here.gradient[i]! < 0 ? x <= least[i]! : x >= most[i]!));
    const slope = here.gradient.map((value, i) => (isFixed[i] ? 0 : value));
    const move = solve(freed(here.curvature, isFixed), slope);
    if (move === null || 0.5 * move.reduce((sum, x, i) => sum + x * slope[i]!, 0) < closeEnough) break;
    let next = at;
    let there = here;
    for (let length = 1; length > 1e-6; length /= 2) {
      next = at.map((x, i) => within(x + length * move[i]!, i));
      there = derivatives(evidence, next);
      if (there.value > here.value) break;
    }
    if (there.value <= here.value) break;
    at = next;
    here = there;
  }
  return at;
}

/** A matrix of which fixed rows and columns say nothing. */
function freed(matrix: Float64Array, isFixed: readonly boolean[]): Float64Array {
  const count = isFixed.length;
  return matrix.map((value, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    if (!isFixed[i] && !isFixed[j]) return i === j ? value * (1 + 1e-10) + 1e-300 : value;
    return i === j ? 1 : 0;
  });
}

/**
 * Covariance of x_g = n_g θ_g and of b = m β. The θ are those of an endless population of which our lists are a sample, so its
 * binomial variance goes off, as that of the Poisson process does from b. Where all or none of a class are there,
 * the variance is that of one person missing or present.
 */
function covarianceOf(
  evidence: Evidence,
  at: Float64Array,
  classes: readonly number[],
  denseBit: number,
  size: number,
): Float64Array {
  const count = at.length;
  const isKnown = Array.from(at, (_, i) => evidence.least[i] === evidence.most[i]);
  const inside = at.map((x, g) => {
    if (g === count - 1 || isKnown[g]) return x;
    const people = Math.max(2, evidence.size[g]!);
    return Math.max(-Math.log1p(-1 / people), Math.min(Math.log(people), x));
  });
  const { curvature } = derivatives(evidence, inside);
  const inverted = inverse(freed(curvature, isKnown), count);
  const covariance = new Float64Array(size * size);
  if (inverted === null) return covariance;
  const scale = inside.map((x, g) => (g === count - 1 ? registerCount : evidence.size[g]! * Math.exp(-x)));
  const known = inside.map((x, g) =>
    g === count - 1 ? x * registerCount : evidence.size[g]! * Math.exp(-x) * -Math.expm1(-x),
  );
  const entry = (i: number, j: number) => {
    if (isKnown[i] || isKnown[j]) return 0;
    const sampled = inverted[i * count + j]! * scale[i]! * scale[j]!;
    return i === j ? Math.max(0, sampled - known[i]!) : sampled;
  };
  // Who is present in a class is absent from its other half.
  const places = [...classes.map((lists, g) => ({ g, lists })), { g: count - 1, lists: 0 }];
  for (const a of places) {
    for (const b of places) {
      const value = entry(a.g, b.g);
      covariance[(a.lists | denseBit) * size + (b.lists | denseBit)] = value;
      if (a.lists > 0) covariance[a.lists * size + (b.lists | denseBit)] = -value;
      if (b.lists > 0) covariance[(a.lists | denseBit) * size + b.lists] = -value;
      if (a.lists > 0 && b.lists > 0) covariance[a.lists * size + b.lists] = value;
    }
  }
  return covariance;
}
