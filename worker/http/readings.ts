import { bodyTimeoutMs, maxReadings } from "../limits.ts";
import { isSettledWithin } from "../settled-within.ts";
import { Refusal } from "./problem.ts";

/** How often a request looks whether it still may wait. */
const lookMs = 1000;

interface Reading {
  /** Whether somebody else needed its place. */
  isGone: boolean;
}

/**
 * The bodies of strangers that one isolate is waiting for.
 *
 * Each request waits by a timer of its own, and only that tells it to stop: what one request settles for another goes on in the
 * wrong one of the two, once the engine has optimized the code, and is answered with the engine's bare 500.
 */
export class Readings {
  /** The oldest first. */
  readonly #open = new Set<Reading>();

  /**
   * Waits for a body to arrive, for as long as there is time and nobody needs its place: what is honest arrives at once, so
   * it is the oldest that has to go.
   *
   * @throws Refusal (408)
   */
  async wait<Body>(body: Promise<Body>): Promise<Body> {
    const reading: Reading = { isGone: false };
    this.#open.add(reading);
    const [oldest] = this.#open;
    if (this.#open.size > maxReadings && oldest !== undefined) {
      oldest.isGone = true;
      this.#open.delete(oldest);
    }
    try {
      for (let looks = bodyTimeoutMs / lookMs; looks > 0 && !reading.isGone; looks--) {
        if (await isSettledWithin(body, lookMs)) return await body;
      }
    } finally {
      this.#open.delete(reading);
    }
    throw new Refusal(
      "request-timeout",
      `expected the whole body within ${bodyTimeoutMs / 1000} s: send the same request again`,
      { connection: "close" },
    );
  }
}
