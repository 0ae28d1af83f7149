import { beforeAll, expect, test } from "vitest";
import { entryOf, HyperLogLog, interval, relativeStandardError } from "../../worker/sketch/index.ts";
import { keyId, randomWords, seededHasher } from "./random.ts";

const hashedTrials = 500;
const hugeTrials = 500;
const registerCount = 16_384;
const highestRank = 51;

/** Sizes at which ids are really hashed, under a new key for each trial. */
const hashedSizes = [10, 100, 1000, 3000, 5000, 10_000];
/** Sizes at which the words of a hash are drawn, and in how many trials: more where a trial is cheap. */
const drawnTrials = [
  [20_000, 1000],
  [41_000, 500],
  [60_000, 500],
  [100_000, 500],
] as const;
/** A size at which only what ends up in the registers is drawn. */
const hugeSize = 1_000_000;

/** What came of the trials at one size. */
class Accuracy {
  #trials = 0;
  #sum = 0;
  #squares = 0;
  #covered = 0;
  worst = 0;

  note(sketch: HyperLogLog, users: number): void {
    const error = sketch.count() / users - 1;
    this.#trials++;
    this.#sum += error;
    this.#squares += error * error;
    this.worst = Math.max(this.worst, Math.abs(error));
    const { low, high } = interval(sketch);
    if (low <= users && users <= high) this.#covered++;
  }

  get bias(): number {
    return this.#sum / this.#trials;
  }

  get rootMeanSquare(): number {
    return Math.sqrt(this.#squares / this.#trials);
  }

  /** The share of trials whose 95 % interval holds the truth. */
  get covered(): number {
    return this.#covered / this.#trials;
  }
}

const accuracies = new Map<number, Accuracy>();

function noteAt(size: number, sketch: HyperLogLog, users: number): void {
  const accuracy = accuracies.get(size) ?? new Accuracy();
  accuracies.set(size, accuracy);
  accuracy.note(sketch, users);
}

/** One sketch that grows from size to size. */
function growHashed(trial: number): void {
  const hasher = seededHasher(trial);
  const sketch = new HyperLogLog(keyId);
  const hash = new Uint32Array(2);
  let user = 0;
  for (const size of hashedSizes) {
    for (; user < size; user++) {
      hasher.hash(`user_${user}`, hash);
      sketch.add(entryOf(hash[0]!, hash[1]!));
    }
    noteAt(size, sketch, size);
  }
}

/** Straight into registers, as calls from module to module are slow under a test runner. */
function growDrawn(trial: number): void {
  const random = randomWords(1_000_000 + trial);
  const registers = new Uint8Array(registerCount);
  let user = 0;
  for (const [size, trials] of drawnTrials) {
    if (trial >= trials) return;
    for (; user < size; user++) {
      const hi = random();
      const lo = random();
      const below = (hi << 14) | (lo >>> 18);
      const rank = below === 0 ? 33 + Math.clz32((lo << 14) | 0x2000) : 1 + Math.clz32(below);
      if (rank > registers[hi >>> 18]!) registers[hi >>> 18] = rank;
    }
    noteAt(size, HyperLogLog.fromRegisters(registers.slice(), keyId), size);
  }
}

/**
 * How many users fall to a register is drawn from a Poisson distribution, so all together they are about a million; how
 * many they are exactly is then known. The highest of k ranks is at most r with a probability of (1 - 2^-r)^k.
 */
function drawHuge(trial: number): void {
  const random = randomWords(2_000_000 + trial);
  const uniform = () => ((random() >>> 0) + 0.5) / 2 ** 32;
  const registers = new Uint8Array(registerCount);
  let users = 0;
  for (let register = 0; register < registerCount; register++) {
    const own = poisson(uniform());
    users += own;
    const rank = Math.ceil(-Math.log2(-Math.expm1(Math.log(uniform()) / own)));
    registers[register] = own === 0 ? 0 : Math.min(highestRank, rank);
  }
  noteAt(hugeSize, HyperLogLog.fromRegisters(registers, keyId), users);
}

/** The cumulated probabilities of 0, 1, 2 … users in one register. */
const cumulated: number[] = [];
const mean = hugeSize / registerCount;
for (let [k, term, sum] = [0, Math.exp(-mean), 0]; sum < 1 - 1e-12; term *= mean / ++k) {
  sum += term;
  cumulated.push(sum);
}

function poisson(probability: number): number {
  let users = Math.floor(mean);
  while (users > 0 && (cumulated[users - 1] as number) >= probability) users--;
  while ((cumulated[users] ?? 1) < probability) users++;
  return users;
}

beforeAll(() => {
  for (let trial = 0; trial < hashedTrials; trial++) growHashed(trial);
  for (let trial = 0; trial < drawnTrials[0][1]; trial++) growDrawn(trial);
  for (let trial = 0; trial < hugeTrials; trial++) drawHuge(trial);
}, 600_000);

test.for([10, 100, 1000, 3000])("%i users are counted practically exactly", (users) => {
  const { bias, rootMeanSquare } = accuracies.get(users) as Accuracy;
  expect(Math.abs(bias)).toBeLessThan(0.0005);
  expect(rootMeanSquare).toBeLessThan(0.0005);
});

test.for([5000, 10_000, ...drawnTrials.map(([size]) => size), hugeSize])(
  "%i users are counted without bias, within the standard error and inside the interval",
  (users) => {
    const { bias, rootMeanSquare, worst, covered } = accuracies.get(users) as Accuracy;
    expect(Math.abs(bias)).toBeLessThan(0.0015);
    expect(rootMeanSquare).toBeLessThan(0.009);
    expect(worst).toBeLessThan(0.036);
    expect(covered).toBeGreaterThanOrEqual(0.92);
    expect(covered).toBeLessThanOrEqual(0.98);
    // The bound that the interval rests on is the error that was measured, give or take what that many trials leave open.
    expect(rootMeanSquare / relativeStandardError(users)).toBeGreaterThan(0.92);
    expect(rootMeanSquare / relativeStandardError(users)).toBeLessThan(1.08);
  },
);
