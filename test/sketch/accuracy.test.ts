import { expect, test } from "vitest";
import { entryOf, HyperLogLog, interval, relativeStandardError } from "../../worker/sketch/index.ts";
import { keyId, randomWords, seededHasher } from "./random.ts";

const trials = 500;

/** Up to here ids are really hashed, under a new key for each trial; beyond, hash words are drawn. */
const mostHashed = 20_000;

interface Accuracy {
  bias: number;
  rootMeanSquare: number;
  worst: number;
  /** The share of trials whose 95 % interval holds the truth. */
  covered: number;
}

function measure(users: number): Accuracy {
  let sum = 0;
  let squares = 0;
  let worst = 0;
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const sketch = users <= mostHashed ? hashedSketch(users, trial) : drawnSketch(users, trial);
    const error = sketch.count() / users - 1;
    sum += error;
    squares += error * error;
    worst = Math.max(worst, Math.abs(error));
    const { low, high } = interval(sketch);
    if (low <= users && users <= high) covered++;
  }
  return {
    bias: sum / trials,
    rootMeanSquare: Math.sqrt(squares / trials),
    worst,
    covered: covered / trials,
  };
}

function hashedSketch(users: number, trial: number): HyperLogLog {
  const hasher = seededHasher(users * 1000 + trial);
  const sketch = new HyperLogLog(keyId);
  const hash = new Uint32Array(2);
  for (let user = 0; user < users; user++) {
    hasher.hash(`user_${user}`, hash);
    sketch.add(entryOf(hash[0]!, hash[1]!));
  }
  return sketch;
}

/** Straight into registers, as 500 million calls from module to module are slow under a test runner. */
function drawnSketch(users: number, trial: number): HyperLogLog {
  const random = randomWords(users * 1000 + trial);
  const registers = new Uint8Array(16_384);
  for (let user = 0; user < users; user++) {
    const hi = random();
    const lo = random();
    const below = (hi << 14) | (lo >>> 18);
    const rank = below === 0 ? 33 + Math.clz32((lo << 14) | 0x2000) : 1 + Math.clz32(below);
    if (rank > registers[hi >>> 18]!) registers[hi >>> 18] = rank;
  }
  return HyperLogLog.fromRegisters(registers, keyId);
}

test.for([10, 100, 1000, 3000])("%i users are counted practically exactly", (users) => {
  const { bias, rootMeanSquare } = measure(users);
  expect(Math.abs(bias)).toBeLessThan(0.0005);
  expect(rootMeanSquare).toBeLessThan(0.0005);
});

test.for([5000, 10_000, 20_000, 41_000, 60_000, 100_000, 1_000_000])(
  "%i users are counted without bias, within the standard error and inside the interval",
  (users) => {
    const { bias, rootMeanSquare, worst, covered } = measure(users);
    expect(Math.abs(bias)).toBeLessThan(0.0015);
    expect(rootMeanSquare).toBeLessThan(0.009);
    expect(worst).toBeLessThan(0.036);
    expect(covered).toBeGreaterThanOrEqual(0.92);
    expect(covered).toBeLessThanOrEqual(0.98);
    // The bound that the interval rests on is the error that was measured, give or take 500 trials.
    expect(rootMeanSquare / relativeStandardError(users)).toBeGreaterThan(0.92);
    expect(rootMeanSquare / relativeStandardError(users)).toBeLessThan(1.08);
  },
);
