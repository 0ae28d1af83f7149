import { createLite } from "../../test/sketch/lite.ts";
import { randomWords } from "../../test/sketch/random.ts";
import { entryOf, HyperLogLog, relativeStandardError } from "../../worker/sketch/index.ts";

/** The errors at one number of users, as shares of it. */
export interface Accuracy {
  users: number;
  bias: number;
  rootMeanSquare: number;
  liteBias: number;
  liteRootMeanSquare: number;
  /** The least that registers alone allow. */
  theory: number;
}

const trials = 300;
const keyId = 1;

/** Up to here a sketch is filled user by user, beyond the registers are drawn from their distribution. */
const mostAdded = 1_000_000;

/** Numbers of users, even steps on a logarithmic scale, closer where the estimator of 2007 changes formulas. */
const sizes = [
  [1, 3, 10, 30, 100, 300, 1000, 2000, 3000, 3500, 5000, 7000, 10_000, 14_000, 20_000, 25_000, 30_000],
  [35_000, 38_000, 41_000, 44_000, 47_000, 50_000, 55_000, 60_000, 70_000, 80_000, 100_000, 150_000],
  [200_000, 300_000, 500_000, 1e6, 2e6, 5e6, 1e7, 3e7, 1e8, 3e8, 1e9],
].flat();

/** Measures both estimators on the same registers, under seeds that are the same each time. */
export function accuracy(): Accuracy[] {
  return sizes.map((users) => {
    const ours = new Errors(users);
    const lites = new Errors(users);
    for (let trial = 0; trial < trials; trial++) {
      const sketch = users <= mostAdded ? addedSketch(users, trial) : drawnSketch(users, trial);
      ours.add(sketch.count());
      const lite = createLite(14);
      lite.merge({ n: 14, buckets: sketch.registers() });
      lites.add(lite.count());
    }
    return {
      users,
      bias: ours.bias,
      rootMeanSquare: ours.rootMeanSquare,
      liteBias: lites.bias,
      liteRootMeanSquare: lites.rootMeanSquare,
      theory: relativeStandardError(users),
    };
  });
}

class Errors {
  readonly #truth: number;
  #sum = 0;
  #squares = 0;

  constructor(truth: number) {
    this.#truth = truth;
  }

  add(estimate: number): void {
    const error = estimate / this.#truth - 1;
    this.#sum += error;
    this.#squares += error * error;
  }

  get bias(): number {
    return this.#sum / trials;
  }

  get rootMeanSquare(): number {
    return Math.sqrt(this.#squares / trials);
  }
}

function addedSketch(users: number, trial: number): HyperLogLog {
  const random = randomWords(trial * 7919 + users);
  const sketch = new HyperLogLog(keyId);
  for (let user = 0; user < users; user++) sketch.add(entryOf(random(), random()));
  return sketch;
}

/**
 * Registers as a Poisson process of so many users leaves them: register <= k with probability exp(-λ / 2^k). That the
 * number of users varies by its root adds 0.1 % at a million, in squares, and less beyond.
 */
function drawnSketch(users: number, trial: number): HyperLogLog {
  const random = randomWords(trial * 7919 + users);
  const load = users / 16_384;
  const registers = Uint8Array.from({ length: 16_384 }, () => {
    const uniform = ((random() >>> 0) + 0.5) / 2 ** 32;
    const rank = Math.ceil(Math.log2(load / -Math.log(uniform)));
    return Math.min(51, Math.max(0, rank));
  });
  return HyperLogLog.fromRegisters(registers, keyId);
}
