import { bodyTimeoutMs, maxReadings } from "../limits.ts";
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
  wait<Body>(body: Promise<Body>): Promise<Body> {
    const reading: Reading = { isGone: false };
    this.#open.add(reading);
    if (this.#open.size > maxReadings) this.#dropOldest();
    return new Promise((resolve, reject) => {
      let looks = bodyTimeoutMs / lookMs;
      const look = () => {
        if (--looks > 0 && !reading.isGone) timer = setTimeout(look, lookMs);
        else end(() => reject(tooSlow()));
      };
      let timer = setTimeout(look, lookMs);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#open.delete(reading);
        settle();
      };
      body.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      );
    });
  }

  #dropOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    oldest.isGone = true;
    this.#open.delete(oldest);
  }
}

function tooSlow(): Refusal {
  return new Refusal(
    "request-timeout",
    `expected the whole body within ${bodyTimeoutMs / 1000} s: send the same request again`,
    { connection: "close" },
  );
}
