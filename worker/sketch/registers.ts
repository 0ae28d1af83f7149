import { maxRegisterRank, registerCount } from "./entry.ts";
import { histogramSize } from "./improved-estimator.ts";
import { risen } from "./risen.ts";

/** The top bit of each of four bytes. */
const topBits = 0x80808080 | 0;

/** What takes a byte over {@link maxRegisterRank}, and no other, to its top bit when added to each of four. */
const aboveHighest = (127 - maxRegisterRank) * 0x01010101;

/**
 * The 16,384 registers of a dense sketch, a byte each in memory, and how many of them hold each value.
 * The histogram makes counting a matter of 52 additions instead of a pass over 16 KB.
 */
export class Registers {
  /** The values, 0..51; to be read only. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #histogram = new Uint16Array(histogramSize);
  // A merge leaves the histogram behind and counting catches it up: 30 days are merged for one count.
  #isHistogramStale = false;

  /** @param bytes 16,384 values, taken over and not copied; untouched registers when left out. See {@link isValid}. */
  constructor(bytes?: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes ?? new Uint8Array(registerCount);
    this.#words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, registerCount / 4);
    this.#histogram[0] = registerCount;
    this.#isHistogramStale = bytes !== undefined;
  }

  get byteLength(): number {
    return registerCount + this.#histogram.byteLength;
  }

  /** Whether all values are 0..51, as everything here relies on; ask this of bytes from elsewhere. */
  get isValid(): boolean {
    const words = this.#words;
    let high = 0;
    for (let i = 0; i < registerCount / 4; i++) {
      const word = words[i]!;
      high |= word | ((word & ~topBits) + aboveHighest);
    }
    return (high & topBits) === 0;
  }

  /** How many registers hold each value, up to date; to be read only, and only until the next change. */
  get histogram(): Uint16Array {
    if (this.#isHistogramStale) {
      tally(this.bytes, this.#histogram);
      this.#isHistogramStale = false;
    }
    return this.#histogram;
  }

  /** Gives a register a rank unless it holds as high a one; true when it did not. */
  raise(register: number, rank: number): boolean {
    const held = this.bytes[register]!;
    if (rank <= held) return false;
    this.bytes[register] = rank;
    if (!this.#isHistogramStale) {
      const histogram = this.#histogram;
      histogram[held] = histogram[held]! - 1;
      histogram[rank] = histogram[rank]! + 1;
    }
    return true;
  }

  /** Takes the higher value register by register; true when one rose. */
  merge(other: Registers): boolean {
    const mine = this.#words;
    const theirs = other.#words;
    let changed = 0;
    for (let i = 0; i < registerCount / 4; i++) {
      const word = mine[i]!;
      const flipped = risen(word, theirs[i]!);
      changed |= flipped;
      mine[i] = word ^ flipped;
    }
    if (changed !== 0) this.#isHistogramStale = true;
    return changed !== 0;
  }

  clone(): Registers {
    const copy = new Registers(this.bytes.slice());
    copy.#histogram.set(this.#histogram);
    copy.#isHistogramStale = this.#isHistogramStale;
    return copy;
  }
}

/** Counts how many registers hold each value. */
function tally(bytes: Uint8Array, histogram: Uint16Array): void {
  // Four tables in turn, since most values are among five: increments of one counter would wait for each other.
  const tables = new Int32Array(4 * 64);
  for (let i = 0; i < registerCount; i += 4) {
    const a = bytes[i]!;
    const b = 64 + bytes[i + 1]!;
    const c = 128 + bytes[i + 2]!;
    const d = 192 + bytes[i + 3]!;
    tables[a] = tables[a]! + 1;
    tables[b] = tables[b]! + 1;
    tables[c] = tables[c]! + 1;
    tables[d] = tables[d]! + 1;
  }
  for (let rank = 0; rank < histogramSize; rank++) {
    histogram[rank] = tables[rank]! + tables[64 + rank]! + tables[128 + rank]! + tables[192 + rank]!;
  }
}
