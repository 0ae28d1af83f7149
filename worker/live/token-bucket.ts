/** Lets through `perSecond` on average, and up to `burst` at once. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt = -Infinity;

  constructor({ perSecond, burst }: { perSecond: number; burst: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether one more may pass at `now`, Unix milliseconds. */
  take(now: number): boolean {
    const grown = Math.max(0, now - this.#filledAt) * (this.#perSecond / 1000);
    this.#tokens = Math.min(this.#burst, this.#tokens + grown);
    this.#filledAt = Math.max(this.#filledAt, now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
