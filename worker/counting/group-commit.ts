/**
 * Lets all that arrives within a short window share one commit.
 *
 * The first arrival after a quiet spell commits at once; while commits follow each other they are at least
 * `windowMs` apart, which bounds the rows written however much arrives. Every arrival waits for a commit that
 * begins after it, also when it brought nothing new, so that the wait tells an onlooker nothing about whether a
 * register moved.
 */
export class GroupCommit {
  readonly #commit: () => Promise<void>;
  readonly #windowMs: number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #now: () => number;
  #next: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();
  #lastStart = -Infinity;

  /**
   * @param commit makes everything taken up so far durable; rejects when it could not
   * @param windowMs least time between the beginnings of two commits
   */
  constructor(
    commit: () => Promise<void>,
    windowMs: number,
    sleep: (ms: number) => Promise<void>,
    now: () => number,
  ) {
    this.#commit = commit;
    this.#windowMs = windowMs;
    this.#sleep = sleep;
    this.#now = now;
  }

  /** Resolves when all that was taken up before this call is durable; rejects when the commit failed. */
  join(): Promise<void> {
    this.#next ??= this.#runNext();
    return this.#next;
  }

  async #runNext(): Promise<void> {
    // Nobody waits for the earlier commit's outcome here; those who joined it do.
    await this.#running.catch(() => {});
    // A clock that was set back must not make anybody wait for longer.
    const waitMs = Math.min(this.#windowMs, this.#lastStart + this.#windowMs - this.#now());
    if (waitMs > 0) await this.#sleep(waitMs);
    this.#next = null;
    this.#lastStart = this.#now();
    this.#running = this.#commit();
    await this.#running;
  }
}
