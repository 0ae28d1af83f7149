/**
 * Which beats a Worker has seen acknowledged in the running slot, by what they change: shard, entry and series.
 * A user who shows the same sign of life again in the same five minutes changes nothing anywhere, so it is answered
 * without waking a shard.
 */
export class Acknowledged {
  readonly #limit: number;
  readonly #signs = new Set<string>();
  #slotStart = -1;

  /** @param limit signs to remember, about 100 bytes each; when full, all are forgotten */
  constructor(limit: number) {
    this.#limit = limit;
  }

  has(slotStart: number, sign: string): boolean {
    return slotStart === this.#slotStart && this.#signs.has(sign);
  }

  /** Forgets all: somebody counts as somebody else now. */
  forget(): void {
    this.#signs.clear();
  }

  add(slotStart: number, sign: string): void {
    if (slotStart < this.#slotStart) return;
    if (slotStart > this.#slotStart || this.#signs.size >= this.#limit) this.#signs.clear();
    this.#slotStart = slotStart;
    this.#signs.add(sign);
  }
}
