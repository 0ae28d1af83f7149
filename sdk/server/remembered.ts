/** Since when everybody is counted, in bounded memory: whoever was touched least recently is forgotten first. */
export class Remembered {
  readonly #limit: number;
  /** The start of each one's latest slot, the least recently touched first. */
  readonly #slots = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether this one has not been here in this slot or a later one. From now on it has. */
  isNew(sign: string, slotStart: number): boolean {
    const latest = this.#slots.get(sign) ?? -Infinity;
    this.#slots.delete(sign);
    this.#slots.set(sign, Math.max(latest, slotStart));
    if (this.#slots.size > this.#limit) {
      for (const oldest of this.#slots.keys()) {
        this.#slots.delete(oldest);
        break;
      }
    }
    return slotStart > latest;
  }
}
