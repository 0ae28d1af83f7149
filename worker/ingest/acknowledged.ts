/**
 * Which entries a Worker has seen acknowledged in the running slot. A user who shows more signs of life in the
 * same five minutes changes nothing anywhere, so those are answered without waking a shard.
 *
 * Entries stand for users: two users of one entry and shard raise the very same registers.
 */
export class Acknowledged {
  readonly #limit: number;
  readonly #entries = new Set<number>();
  #slotStart = -1;

  /** @param limit entries to remember, about 40 bytes each; when full, all are forgotten */
  constructor(limit: number) {
    this.#limit = limit;
  }

  has(slotStart: number, shard: number, entry: number): boolean {
    return slotStart === this.#slotStart && this.#entries.has(keyOf(shard, entry));
  }

  add(slotStart: number, shard: number, entry: number): void {
    if (slotStart < this.#slotStart) return;
    if (slotStart > this.#slotStart || this.#entries.size >= this.#limit) this.#entries.clear();
    this.#slotStart = slotStart;
    this.#entries.add(keyOf(shard, entry));
  }
}

/** Both in one number, below 2^53. */
function keyOf(shard: number, entry: number): number {
  return shard * 2 ** 32 + entry;
}
