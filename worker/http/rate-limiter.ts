/** How much may come at once, and how much in the long run. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/**
 * Token buckets in bounded memory, by the generic cell rate algorithm (ITU-T I.371): of each bucket only the time is
 * kept at which it will be full again.
 */
export class RateLimits {
  readonly #maxBuckets: number;
  readonly #fullAt = new Map<string, number>();

  /** @param maxBuckets buckets to remember, about 100 bytes each; the one that was used longest ago is forgotten first */
  constructor(maxBuckets: number) {
    this.#maxBuckets = maxBuckets;
  }

  /**
   * Takes `cost` out of a bucket. Returns 0, or takes nothing and returns the milliseconds until there is enough. What
   * costs more than a whole bucket is let through when the bucket is full.
   */
  take(bucket: string, cost: number, { burst, perSecond }: Rate, now: number): number {
    const fullAt = Math.max(now, this.#fullAt.get(bucket) ?? now);
    const costMs = (1000 * cost) / perSecond;
    const roomMs = (1000 * burst) / perSecond - (fullAt - now);
    const missingMs = Math.min(costMs, (1000 * burst) / perSecond) - roomMs;
    if (missingMs > 0) return Math.ceil(missingMs);
    this.#fullAt.delete(bucket);
    this.#fullAt.set(bucket, fullAt + costMs);
    if (this.#fullAt.size > this.#maxBuckets) {
      for (const oldest of this.#fullAt.keys()) {
        this.#fullAt.delete(oldest);
        break;
      }
    }
    return 0;
  }
}
