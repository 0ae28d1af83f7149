/** Counts of what the service itself did, by name. They only ever grow, and two are added name by name. */
export type CounterValues = Record<string, number>;

/** Gathers counts until somebody takes them on their way to the roll-up. */
export class Counters {
  #counts: CounterValues = {};

  note(name: string, times = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + times;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#counts).length === 0;
  }

  add(counts: CounterValues): void {
    for (const [name, times] of Object.entries(counts)) this.note(name, times);
  }

  /** All that was gathered; it begins anew. */
  take(): CounterValues {
    const taken = this.#counts;
    this.#counts = {};
    return taken;
  }
}
