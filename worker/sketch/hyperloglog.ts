import { isEntry, maxEntryRank, maxRegisterRank, rankOf, registerCount, registerOf } from "./entry.ts";
import { EntrySet } from "./entry-set.ts";
import { SketchMismatchError } from "./errors.ts";
import { improvedEstimate, sparseEstimate } from "./improved-estimator.ts";
import { Registers } from "./registers.ts";

/** The most entries a sparse sketch holds: there, at 4 bytes each, it takes as much room at rest as packed registers. */
export const sparseLimit = 3072;

/** The fields of a sketch beside its entries or registers, about, as V8 lays them out. */
const fixedBytes = 128;

/**
 * A set of users that has forgotten who they are: HyperLogLog with 2^14 registers (Flajolet, Fusy, Gandouet and
 * Meunier 2007) over a 64-bit keyed hash, standard error 0.81 %, and before that, up to {@link sparseLimit} entries,
 * a practically exact list of 32-bit {@link entryOf | entries}.
 *
 * Its state depends only on which entries went in, not on their order, number of times, or way through merges:
 * - An address keeps its highest rank and a register its highest rank, and `max` is associative, commutative and
 *   idempotent. The registers of a list are the registers of its entries, so it does not matter when a list becomes registers.
 * - A sketch is dense exactly if it has seen more than 3,072 addresses. A merge of two lists sees their union. A dense
 *   operand has seen more than 3,072 already, and no union has fewer, so whatever it is merged with becomes dense too.
 *   (Registers read from another system may be dense with fewer; dense still wins every merge, in whatever order.)
 */
export class HyperLogLog {
  /** Unsigned 32-bit name of the hash key; only sketches of one key can be merged. */
  readonly keyId: number;
  // Exactly one of the two is there.
  #entries: EntrySet | undefined = new EntrySet();
  #registers: Registers | undefined;

  /**
   * An empty sketch.
   * @throws RangeError when the key id is not an unsigned 32-bit integer.
   */
  constructor(keyId: number) {
    if (keyId >>> 0 !== keyId) throw new RangeError(`a key id is an unsigned 32-bit integer, not ${keyId}`);
    this.keyId = keyId;
  }

  /** The union of any number of sketches, none of which is changed; see {@link merge}. */
  static union(sketches: Iterable<HyperLogLog>, keyId: number): HyperLogLog {
    const whole = new HyperLogLog(keyId);
    for (const sketch of sketches) whole.merge(sketch);
    return whole;
  }

  /**
   * A dense sketch of stored registers, or an empty one if all are 0. Where they came from a sketch of ours was dense, so
   * `countOf` takes more than {@link sparseLimit} users for certain.
   * @param registers 16,384 values of 0..51, taken over: the caller must not change them afterwards.
   * @throws RangeError when there are more or fewer, or one is higher.
   */
  static fromRegisters(registers: Uint8Array<ArrayBuffer>, keyId: number): HyperLogLog {
    if (registers.length !== registerCount) {
      throw new RangeError(`a sketch has ${registerCount} registers, not ${registers.length}`);
    }
    const dense = new Registers(registers.byteOffset % 4 === 0 ? registers : registers.slice());
    if (!dense.isValid) throw new RangeError(`a register is at most ${maxRegisterRank}`);
    const sketch = new HyperLogLog(keyId);
    if (registers.some((rank) => rank !== 0)) sketch.#becomeDense(dense);
    return sketch;
  }

  /** True until the first user. */
  get isEmpty(): boolean {
    return this.#entries?.size === 0;
  }

  /** True while the sketch is a list of entries, practically exact; an empty one is. */
  get isSparse(): boolean {
    return this.#entries !== undefined;
  }

  /** The memory the sketch takes, in bytes, about. */
  get byteLength(): number {
    return fixedBytes + (this.#entries?.byteLength ?? 0) + (this.#registers?.byteLength ?? 0);
  }

  /**
   * Adds a user; see {@link entryOf}.
   * Do not tell an outsider what it returns: who may add users and sees which ones move the count can inflate it.
   *
   * @returns true when the sketch is another one afterwards.
   * @throws RangeError when the number cannot be an entry.
   */
  add(entry: number): boolean {
    if (!isEntry(entry))
      throw new RangeError(`an entry has a rank of 1 to ${maxEntryRank}, not ${entry & 63}`);
    if (this.#registers !== undefined) return this.#registers.raise(registerOf(entry), rankOf(entry));
    const changed = this.#entries!.add(entry);
    if (changed && this.#entries!.size > sparseLimit) this.#becomeDense(new Registers());
    return changed;
  }

  /**
   * Whether this user may have been added: false is certain, true is certain enough while the sketch is sparse and
   * says less and less the fuller it is.
   */
  mayHold(entry: number): boolean {
    if (this.#registers !== undefined) return this.#registers.bytes[registerOf(entry)]! >= rankOf(entry);
    return this.#entries!.has(entry);
  }

  /**
   * Takes in everybody another sketch has seen; that one stays as it is.
   *
   * @returns true when this sketch is another one afterwards.
   * @throws SketchMismatchError when the other one hashes with another key.
   */
  merge(other: HyperLogLog): boolean {
    this.#checkKey(other.keyId);
    if (other === this) return false;
    if (other.#registers === undefined) {
      if (this.isEmpty) {
        this.#entries = other.#entries!.clone();
        return !other.isEmpty;
      }
      let changed = false;
      other.#entries!.forEach((entry) => {
        if (this.add(entry)) changed = true;
      });
      return changed;
    }
    if (this.#registers !== undefined) return this.#registers.merge(other.#registers);
    this.#becomeDense(other.#registers.clone());
    return true;
  }

  /** The estimated number of users, unrounded; see `countOf` for whole numbers with bounds. */
  count(): number {
    if (this.#registers === undefined) return sparseEstimate(this.#entries!.size);
    return improvedEstimate(this.#registers.histogram);
  }

  /** A sketch of the same users that changes on its own. */
  clone(): HyperLogLog {
    const copy = new HyperLogLog(this.keyId);
    copy.#entries = this.#entries?.clone();
    copy.#registers = this.#registers?.clone();
    return copy;
  }

  /** A copy of the 16,384 registers; of a sparse sketch those it would become. */
  registers(): Uint8Array<ArrayBuffer> {
    if (this.#registers !== undefined) return this.#registers.bytes.slice();
    const registers = new Registers();
    this.#pourInto(registers);
    return registers.bytes;
  }

  /**
   * The entries of a sparse sketch, ascending.
   * @throws TypeError when the sketch is dense.
   */
  entries(): Uint32Array<ArrayBuffer> {
    if (this.#entries === undefined) throw new TypeError("a dense sketch has registers and no entries");
    return this.#entries.toSorted();
  }

  #checkKey(keyId: number): void {
    if (keyId === this.keyId) return;
    throw new SketchMismatchError(`sketches of the keys ${this.keyId} and ${keyId} cannot be merged`);
  }

  #pourInto(registers: Registers): void {
    this.#entries?.forEach((entry) => registers.raise(registerOf(entry), rankOf(entry)));
  }

  #becomeDense(registers: Registers): void {
    this.#pourInto(registers);
    this.#registers = registers;
    this.#entries = undefined;
  }
}
