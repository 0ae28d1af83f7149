/**
 * The union over a window that slides along a series of sets, in a bounded number of unions a step whatever the
 * window's width: two stacks, of which the older one holds unions that were made when it was filled (the queue of two
 * stacks of Hood and Melville, with an aggregate beside each element).
 */
export class SlidingUnion<Value> {
  readonly #unite: (a: Value, b: Value) => Value;
  /** Unions of each older element with all that came after it, up to the newest of the older ones; the oldest last. */
  readonly #older: Value[] = [];
  #newer: Value[] = [];
  #newerUnion: Value | null = null;

  constructor(unite: (a: Value, b: Value) => Value) {
    this.#unite = unite;
  }

  /** How many elements the window holds. */
  get size(): number {
    return this.#older.length + this.#newer.length;
  }

  push(value: Value): void {
    this.#newer.push(value);
    this.#newerUnion = this.#newerUnion === null ? value : this.#unite(this.#newerUnion, value);
  }

  /** Drops the oldest element. */
  shift(): void {
    if (this.#older.length === 0) {
      for (let value = this.#newer.pop(); value !== undefined; value = this.#newer.pop()) {
        const after = this.#older.at(-1);
        this.#older.push(after === undefined ? value : this.#unite(value, after));
      }
      this.#newer = [];
      this.#newerUnion = null;
    }
    this.#older.pop();
  }

  /** The union of all elements, or null when there are none. */
  union(): Value | null {
    const older = this.#older.at(-1) ?? null;
    if (older === null || this.#newerUnion === null) return older ?? this.#newerUnion;
    return this.#unite(older, this.#newerUnion);
  }
}
