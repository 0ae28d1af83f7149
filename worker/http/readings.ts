import { bodyTimeoutMs, maxReadings } from "../limits.ts";
import { Refusal } from "./problem.ts";

/** How often is looked for bodies that take too long. */
const lookMs = 1000;

/** What stands for a body that did not arrive in time. */
const late = Symbol("late");

interface Reading {
  /** Unix milliseconds. */
  startedAt: number;
  end: () => void;
}

/** The bodies of strangers that one isolate is waiting for. */
export class Readings {
  readonly #keepAlive: (work: Promise<unknown>) => void;
  /** The oldest first. */
  readonly #open = new Set<Reading>();
  #lookedAt = -Infinity;

  /** @param keepAlive keeps the request that calls it alive until a promise has settled */
  constructor(keepAlive: (work: Promise<unknown>) => void) {
    this.#keepAlive = keepAlive;
  }

  /**
   * Waits for a body to arrive, for as long as there is time and nobody needs its place: what is honest arrives at once, so
   * it is the oldest that has to go.
   *
   * @throws Refusal (408)
   */
  async wait<Body>(body: Promise<Body>): Promise<Body> {
    const arrived = await this.#inTime(body);
    // Said by the request that waits: whoever keeps the look-out is another one, and what is rejected across requests goes on in that of
    // the two that rejects, once the engine has optimized it.
    if (arrived === late) throw tooSlow();
    return arrived;
  }

  #inTime<Body>(body: Promise<Body>): Promise<Body | typeof late> {
    return new Promise((resolve, reject) => {
      const startedAt = Date.now();
      const reading = { startedAt, end: () => resolve(late) };
      this.#open.add(reading);
      this.#read(body, reading).then(resolve, reject);
      const [oldest] = this.#open;
      if (this.#open.size > maxReadings && oldest !== undefined) this.#end(oldest);
      // A timer for each would cost more than the reading. Whoever kept the look-out may have been ended with its request.
      if (Math.abs(startedAt - this.#lookedAt) > 2 * lookMs) this.#keepAlive(this.#lookOut());
    });
  }

  async #read<Body>(body: Promise<Body>, reading: Reading): Promise<Body> {
    try {
      return await body;
    } finally {
      this.#open.delete(reading);
    }
  }

  async #lookOut(): Promise<void> {
    do {
      this.#lookedAt = Date.now();
      await new Promise((resolve) => setTimeout(resolve, lookMs));
      for (const reading of this.#open) {
        if (Date.now() - reading.startedAt < bodyTimeoutMs) break;
        this.#end(reading);
      }
    } while (this.#open.size > 0);
    this.#lookedAt = -Infinity;
  }

  #end(reading: Reading): void {
    this.#open.delete(reading);
    reading.end();
  }
}

function tooSlow(): Refusal {
  return new Refusal(
    "request-timeout",
    `expected all of the body within ${bodyTimeoutMs / 1000} s: send the same again`,
    { connection: "close" },
  );
}
