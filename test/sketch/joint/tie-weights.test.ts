import { expect, test } from "vitest";
import { reversion, tieWeights } from "../../../worker/sketch/joint/tie-weights.ts";
import { randomWords } from "../random.ts";

test("with many people a register ties come to 1 / (w 2^w ln 2), and the reversed series to -2 (-ln 2)^n / n!", () => {
  const weights = tieWeights(1e6 / 16_384, 8);
  // The sum is periodic in log2 of the load; its swing shows in the fifth digit.
  for (let w = 1; w <= 8; w++) expect(weights[w]).toBeCloseTo(1 / (w * 2 ** w * Math.LN2), 4);
  const reversed = reversion(weights);
  let factorial = 1;
  for (let n = 1; n <= 8; n++) {
    factorial *= n;
    expect(reversed[n]).toBeCloseTo((-2 * (-Math.LN2) ** n) / factorial, 3);
  }
});

test("ties are as frequent as in registers that people fall into", () => {
  const random = randomWords(1);
  for (const load of [0.2, 1, 5]) {
    const ranks = new Uint8Array(16_384);
    const tied = new Uint8Array(16_384);
    for (let i = 0; i < load * 16_384; i++) {
      const register = random() >>> 18;
      const rank = 1 + Math.clz32(random());
      if (rank > ranks[register]!) {
        ranks[register] = rank;
        tied[register] = 1;
      } else if (rank === ranks[register]) tied[register]!++;
    }
    const touched = ranks.filter((rank) => rank > 0).length;
    const weights = tieWeights(load, 6);
    for (let w = 1; w <= 6; w++) {
      const share = tied.filter((count) => count === w).length / touched;
      const deviation = Math.sqrt((weights[w]! * (1 - weights[w]!)) / touched);
      expect(Math.abs(share - weights[w]!), `${w} at ${load}`).toBeLessThan(4 * deviation + 1 / touched);
    }
  }
});

test("the reversed series takes the series back to its variable", () => {
  const series = [0, 0.72, 0.18, 0.06, 0.02, 0.01, 0, 0, 0];
  const reversed = reversion(series);
  for (const x of [0, 0.01, 0.05, 0.1]) {
    const y = series.reduce((sum, c, n) => sum + c * x ** n, 0);
    const back = reversed.reduce((sum, c, n) => sum + c * y ** n, 0);
    expect(back).toBeCloseTo(x, 7);
  }
});
