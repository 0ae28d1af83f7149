/** How much may come at once, and how much in the long run. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/**
 * Limits rates by key in bounded memory, by the generic cell rate algorithm (ITU-T I.371): of each key only the time is
 * kept that it takes until all of its burst is there again.
 */
export class RateLimiter {
  readonly #maxKeys: number;
  readonly #debts = new Map<string, { ms: number; at: number }>();

  /** @param maxKeys keys to remember, about 100 bytes each; the one that was used longest ago is forgotten first */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /**
   * Takes `cost` out of what a key may do. Returns 0, or takes nothing and returns the milliseconds until there is
   * enough. What costs more than a whole burst is let through when all of the burst is there.
   */
  take(key: string, cost: number, { burst, perSecond }: Rate, now: number): number {
    const { ms = 0, at = now } = this.#debts.get(key) ?? {};
    // Where the clock was set back nothing is paid off, and nobody waits for the time that it was ahead.
    const debtMs = Math.max(0, ms - Math.max(0, now - at));
    const burstMs = (1000 * burst) / perSecond;
    const costMs = (1000 * cost) / perSecond;
    const missingMs = debtMs + Math.min(costMs, burstMs) - burstMs;
    if (missingMs > 0) return Math.ceil(missingMs);
    this.#debts.delete(key);
    this.#debts.set(key, { ms: debtMs + costMs, at: now });
    for (const oldest of this.#debts.keys()) {
      if (this.#debts.size <= this.#maxKeys) break;
      this.#debts.delete(oldest);
    }
    return 0;
  }
}
