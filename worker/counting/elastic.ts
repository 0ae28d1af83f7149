/** When an app gets more shards. */
export interface ElasticRules {
  /** Calls a second above which a shard is busy; 0 leaves the number of shards alone. */
  busyCallsPerSecond: number;
  /** Reports in a row by which one shard has to be busy: a peak alone doubles nothing. */
  busyReports: number;
  /** After a doubling: until every Worker knows of it and each shard has measured what is left to it. */
  restMs: number;
  maxShards: number;
}

/**
 * Doubles an app's shards when one of them is busy for a while. Users are spread evenly, so one busy shard stands for all;
 * since a union does not care where somebody was counted, nothing is moved. Never fewer by itself: an idle shard costs nothing.
 */
export class Elastic {
  readonly #rules: ElasticRules;
  readonly #busy = new Map<number, number>();
  #restUntil = -Infinity;

  constructor(rules: ElasticRules) {
    this.#rules = rules;
  }

  /**
   * Takes a shard's report of its calls a second since the last. Returns the number of shards that there should be.
   *
   * @param now Unix milliseconds
   */
  report(shard: number, callsPerSecond: number, shards: number, now: number): number {
    const { busyCallsPerSecond, busyReports, restMs, maxShards } = this.#rules;
    const isBusy = busyCallsPerSecond > 0 && callsPerSecond > busyCallsPerSecond;
    if (!isBusy || now < this.#restUntil) {
      this.#busy.delete(shard);
      return shards;
    }
    const times = (this.#busy.get(shard) ?? 0) + 1;
    this.#busy.set(shard, times);
    if (times < busyReports || shards >= maxShards) return shards;
    this.#busy.clear();
    this.#restUntil = now + restMs;
    return shards * 2;
  }
}
