/** Steps smaller than this are what time servers do every day: whoever waits for the clock waits that much longer. */
const leastStepMs = 1000;
const everyMs = 250;

/**
 * Tells steps of the wall clock from the passing of time, which a clock that nobody can set measures beside it. Only steps
 * back matter: the engine's timers wait for an hour of the wall clock, so after an hour's step back they are an hour late.
 */
export class ClockSteps {
  #aheadMs: number;

  /** @param wallMs what the wall clock says, and `steadyMs` what the other one does, at the same moment */
  constructor(wallMs: number, steadyMs: number) {
    this.#aheadMs = wallMs - steadyMs;
  }

  /** Milliseconds by which the wall clock was set back since the last look; 0 where it wasn't, or hardly. */
  look(wallMs: number, steadyMs: number): number {
    const aheadMs = wallMs - steadyMs;
    const backMs = this.#aheadMs - aheadMs;
    // Many small steps add up; what was set forwards is where to count from.
    if (backMs > 0 && backMs < leastStepMs) return 0;
    this.#aheadMs = aheadMs;
    return Math.max(0, backMs);
  }
}

/** Calls `stepped` each time the wall clock was set back, until `over` is aborted. */
export function watchClock(stepped: (backMs: number) => void, over: AbortSignal): void {
  const steps = new ClockSteps(Date.now(), performance.now());
  const watch = setInterval(() => {
    const backMs = steps.look(Date.now(), performance.now());
    if (backMs > 0) stepped(backMs);
  }, everyMs);
  watch.unref();
  over.addEventListener("abort", () => clearInterval(watch));
}
