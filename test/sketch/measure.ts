import type { Scenario } from "./scenarios.ts";

/** How well a figure was estimated over many seeds. */
export interface Measured {
  figure: string;
  /** Whether it is a number of people, not a ratio. */
  isCount: boolean;
  truth: number;
  bias: number;
  rootMeanSquare: number;
  /** Half the width of the 95 % interval, on average. */
  halfWidth: number;
  /** The share of intervals that held the truth. */
  covered: number;
  /** The share of seeds in which there was a figure. */
  told: number;
}

/** Runs a scenario under many seeds. */
export function measure({ run }: Scenario, trials: number): Map<string, Measured> {
  const sums = new Map<string, Measured>();
  for (let seed = 1; seed <= trials; seed++) {
    for (const [name, { truth, figure }] of Object.entries(run(seed))) {
      const sum = sums.get(name) ?? {
        figure: name,
        isCount: false,
        truth,
        bias: 0,
        rootMeanSquare: 0,
        halfWidth: 0,
        covered: 0,
        told: 0,
      };
      sums.set(name, sum);
      if (figure === null) continue;
      const error = ("count" in figure ? figure.count : figure.value) - truth;
      sum.told++;
      sum.isCount = "count" in figure;
      sum.bias += error;
      sum.rootMeanSquare += error ** 2;
      sum.halfWidth += (figure.high - figure.low) / 2;
      // What is computed in another order is the same but for the last digits.
      const slack = 1e-9 * (1 + Math.abs(truth));
      if (figure.low <= truth + slack && truth - slack <= figure.high) sum.covered++;
    }
  }
  for (const sum of sums.values()) {
    sum.bias /= sum.told;
    sum.rootMeanSquare = Math.sqrt(sum.rootMeanSquare / sum.told);
    sum.halfWidth /= sum.told;
    sum.covered /= sum.told;
    sum.told /= trials;
  }
  return sums;
}
