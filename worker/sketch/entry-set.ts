/** Slots of the first table; most sketches of a small app's slot or dimension never need a larger one. */
const firstCapacity = 8;

const addressMask = ~63;

/**
 * A set of sparse entries in which an address stands once, with the highest rank it came with.
 * Open addressing with linear probing; the table doubles, so memory is at most 8/3 times what the content needs
 * beyond {@link firstCapacity}.
 */
export class EntrySet {
  #slots: Int32Array<ArrayBuffer> | undefined;
  #size = 0;

  /** The number of different addresses. */
  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#slots?.byteLength ?? 0;
  }

  /** Adds an entry with a valid rank; true when the set is another one afterwards. */
  add(entry: number): boolean {
    const wanted = entry | 0;
    let slots = this.#slots ?? this.#grow();
    let at = place(slots, wanted);
    const held = slots[at]!;
    if (held !== 0 && (held & 63) >= (wanted & 63)) return false;
    if (held === 0) {
      if (this.#size * 4 >= slots.length * 3) {
        slots = this.#grow();
        at = place(slots, wanted);
      }
      this.#size++;
    }
    slots[at] = wanted;
    return true;
  }

  /** Whether the entry's address is there with its rank or a higher one. */
  has(entry: number): boolean {
    if (this.#slots === undefined) return false;
    const held = this.#slots[place(this.#slots, entry | 0)]!;
    return held !== 0 && (held & 63) >= (entry & 63);
  }

  /** Calls back with each entry as a signed 32-bit number, in no order. */
  forEach(visit: (entry: number) => void): void {
    const slots = this.#slots;
    if (slots === undefined) return;
    for (const entry of slots) if (entry !== 0) visit(entry);
  }

  /** The entries as unsigned numbers, ascending. */
  toSorted(): Uint32Array<ArrayBuffer> {
    const sorted = new Uint32Array(this.#size);
    let next = 0;
    this.forEach((entry) => {
      sorted[next++] = entry;
    });
    return sorted.toSorted();
  }

  clone(): EntrySet {
    const copy = new EntrySet();
    copy.#slots = this.#slots?.slice();
    copy.#size = this.#size;
    return copy;
  }

  #grow(): Int32Array<ArrayBuffer> {
    const old = this.#slots;
    const slots = new Int32Array(old === undefined ? firstCapacity : old.length * 2);
    if (old !== undefined) {
      for (const entry of old) if (entry !== 0) slots[place(slots, entry)] = entry;
    }
    this.#slots = slots;
    return slots;
  }
}

/** The slot that holds the entry's address, or the free one where it belongs. */
function place(slots: Int32Array, entry: number): number {
  const mask = slots.length - 1;
  const address = entry & addressMask;
  // Addresses are keyed hash bits, so they need no hashing against clusters. The slot comes from the low ones, mixed
  // with the high ones in case shards fixed the low: taking the high ones alone would send sorted input, and what is
  // read from a larger table, to one end of this one.
  let at = ((entry >>> 6) ^ (entry >>> 19)) & mask;
  for (;;) {
    const held = slots[at]!;
    if (held === 0 || (held & addressMask) === address) return at;
    at = (at + 1) & mask;
  }
}
