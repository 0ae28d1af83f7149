import { assert, constantFrom, integer, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { levelShare, type Telling, tellings } from "../../../worker/sketch/joint/levels.ts";
import { likelihoodOf } from "../../../worker/sketch/joint/likelihood.ts";
import { randomWords } from "../random.ts";
import { peopleOf, sketchesOf } from "../worlds.ts";

/** Registers of three sketches in which each region has so many people. */
function rowsOf(sizes: readonly number[], seed: number): Uint8Array[] {
  const people = peopleOf(...sizes.map((size, i) => [i + 1, size] as const));
  return sketchesOf(people, 3, seed).map((sketch) => sketch.registers());
}

const regions = [1, 2, 3, 4, 5, 6, 7];

/**
 * P(seen in exactly S of the telling T) by inclusion and exclusion over who was not seen:
 * Σ over U ⊆ S of (-1)^|U| exp(-ρ Λ), Λ being the rates of all regions that meet (T \ S) ∪ U.
 */
function probability({ level, sketches }: Telling, seen: number, rates: readonly number[]): number {
  let sum = 0;
  for (let u = seen; ; u = (u - 1) & seen) {
    const avoided = (sketches & ~seen) | u;
    const rate = rates.reduce((all, one, i) => (regions[i]! & avoided ? all + one : all), 0);
    const sign = u.toString(2).replaceAll("0", "").length % 2 === 0 ? 1 : -1;
    sum += sign * Math.exp(-levelShare(level) * rate);
    if (u === 0) return sum;
  }
}

test("the likelihood is that of inclusion and exclusion", () => {
  const facts = tellings(rowsOf([900, 500, 2000, 4000, 100, 30, 3000], 1));
  const rates = [0.05, 0.04, 0.15, 0.2, 0.01, 0.005, 0.18];
  let sum = 0;
  for (const fact of facts) {
    for (const [seen, registers] of fact.seen.entries()) {
      if (registers > 0) sum += registers * Math.log(probability(fact, seen, rates));
    }
  }
  expect(likelihoodOf(facts, 3, regions, Float64Array.from(rates)).value).toBeCloseTo(sum, 3);
});

test("the likelihood of one sketch is that of its registers", () => {
  const [row] = sketchesOf(peopleOf([1, 20_000]), 1, 2).map((sketch) => sketch.registers());
  const rate = 1.1;
  let sum = 0;
  for (const rank of row!) {
    // Nobody above the rank, and somebody of it.
    const above = 2 ** -rank * rate;
    sum += -above + (rank > 0 ? Math.log(-Math.expm1(-levelShare(rank) * rate)) : 0);
  }
  expect(likelihoodOf(tellings([row!]), 1, [1], Float64Array.of(rate)).value).toBeCloseTo(sum, 3);
});

test("the likelihood of two sketches is Ertl's", () => {
  const rows = sketchesOf(peopleOf([1, 5000], [2, 8000], [3, 9000]), 2, 3).map((s) => s.registers());
  const [a, b, x] = [0.3, 0.5, 0.6];
  // Section 5 of arXiv:1702.01284 written out: P(u, v) as a difference of distribution functions.
  const below = (rank: number) => (rank < 0 ? Number.POSITIVE_INFINITY : rank >= 51 ? 0 : 2 ** -rank);
  const distribution = (u: number, v: number) =>
    Math.exp(-a * below(u) - b * below(v) - x * Math.max(below(u), below(v)));
  let sum = 0;
  for (let i = 0; i < 16_384; i++) {
    const [u, v] = [rows[0]![i]!, rows[1]![i]!];
    const mass =
      distribution(u, v) - distribution(u - 1, v) - distribution(u, v - 1) + distribution(u - 1, v - 1);
    sum += Math.log(mass);
  }
  const { value } = likelihoodOf(tellings(rows), 2, [1, 2, 3], Float64Array.of(a, b, x));
  expect(value / sum).toBeCloseTo(1, 9);
});

test("the gradient is the slope of the likelihood", () => {
  const facts = tellings(rowsOf([900, 500, 2000, 4000, 100, 30, 3000], 4));
  assert(
    property(
      tuple(...regions.map(() => constantFrom(1e-5, 0.003, 0.05, 0.3, 2))),
      integer({ min: 0, max: 6 }),
      (rates, i) => {
        const at = Float64Array.from(rates);
        const step = at[i]! * 1e-5;
        const [more, less] = [step, -step].map((move) => {
          const moved = at.slice();
          moved[i] = moved[i]! + move;
          return likelihoodOf(facts, 3, regions, moved).value;
        });
        const { gradient, value } = likelihoodOf(facts, 3, regions, at);
        const slope = (more! - less!) / (2 * step);
        // What differences of sums of this size can tell.
        const slack = (1e-12 * Math.abs(value)) / step + 1e-4 * Math.abs(slope) + 0.1;
        expect(Math.abs(gradient[i]! - slope)).toBeLessThan(slack);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test("the information is what gradients scatter by at the true rates", () => {
  const sizes = [3000, 2000, 4000];
  const seen = [1, 2, 3];
  const rates = Float64Array.from(sizes, (size) => size / 16_384);
  const random = randomWords(1);
  // As many people as a Poisson process brings: normal around the mean, as the sum of 12 uniform numbers nearly is.
  const poisson = (mean: number) => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += (random() >>> 0) / 2 ** 32;
    return Math.round(mean + Math.sqrt(mean) * sum);
  };
  const trials = 400;
  const products = new Float64Array(9);
  const information = new Float64Array(9);
  for (let seed = 1; seed <= trials; seed++) {
    const people = peopleOf(...sizes.map((size, i) => [i + 1, poisson(size)] as const));
    const facts = tellings(sketchesOf(people, 2, seed).map((sketch) => sketch.registers()));
    const at = likelihoodOf(facts, 2, seen, rates);
    for (let i = 0; i < 9; i++) {
      products[i] = products[i]! + at.gradient[i % 3]! * at.gradient[Math.floor(i / 3)]!;
      information[i] = information[i]! + at.information[i]!;
    }
  }
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const scale = Math.sqrt(information[4 * i]! * information[4 * j]!);
      // Four standard errors of a variance or covariance of so many.
      expect(Math.abs(products[3 * i + j]! - information[3 * i + j]!) / scale).toBeLessThan(
        4 * Math.sqrt(2 / trials),
      );
    }
  }
});
