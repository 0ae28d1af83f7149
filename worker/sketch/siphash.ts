const encoder = new TextEncoder();

/** Texts and byte strings up to this long are hashed without an allocation; an id on the wire is shorter. */
const scratchBytes = 512;

// One thread, and no call leaves anything behind that the next one reads: the scratch may be shared.
const scratch = new Int32Array(scratchBytes / 4 + 1);
const utf8 = new Uint8Array(scratchBytes);

/**
 * SipHash-2-4, the keyed pseudo-random function of Aumasson and Bernstein (SipHash: a fast short-input PRF, 2012),
 * in 32-bit halves because a `bigint` costs an allocation for each operation.
 *
 * Whoever does not hold the key can neither foresee a hash nor make two ids collide on purpose.
 */
export class SipHasher {
  readonly #k0Low: number;
  readonly #k0High: number;
  readonly #k1Low: number;
  readonly #k1High: number;

  /**
   * @param key 16 secret bytes, copied.
   * @throws RangeError when the key is not 16 bytes long.
   */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key is 16 bytes long, not ${key.length}`);
    const view = new DataView(key.buffer, key.byteOffset, 16);
    this.#k0Low = view.getInt32(0, true);
    this.#k0High = view.getInt32(4, true);
    this.#k1Low = view.getInt32(8, true);
    this.#k1High = view.getInt32(12, true);
  }

  /**
   * Hashes the UTF-8 bytes of a text. Nothing is normalised: "é" in one code point and in two are different texts.
   * A lone surrogate has no UTF-8 form and becomes U+FFFD as in `TextEncoder`, so ids that differ only there count as one.
   *
   * @param out receives the high 32 bits of the hash in `out[0]` and the low 32 in `out[1]`.
   */
  hash(text: string, out: Uint32Array): void {
    const { length } = text;
    // Most ids are ASCII. Packing four characters into a word skips the encoder, which costs more than the hash.
    if (length <= scratchBytes && packAscii(text)) this.#hashWords(scratch, length, out);
    else if (length * 3 <= scratchBytes) this.#hashBytes(utf8, encoder.encodeInto(text, utf8).written, out);
    else this.hashBytes(encoder.encode(text), out);
  }

  /** Hashes raw bytes; `out` as in {@link hash}. */
  hashBytes(bytes: Uint8Array, out: Uint32Array): void {
    this.#hashBytes(bytes, bytes.length, out);
  }

  #hashBytes(bytes: Uint8Array, length: number, out: Uint32Array): void {
    const lastWord = length >>> 2;
    const words = length <= scratchBytes ? scratch : new Int32Array(lastWord + 1);
    words.fill(0, 0, lastWord + 1);
    for (let i = 0; i < length; i++) words[i >>> 2] = words[i >>> 2]! | (bytes[i]! << ((i & 3) << 3));
    this.#hashWords(words, length, out);
  }

  /** `words` holds the bytes little-endian; those of the last word that lie past `length` are zero. */
  #hashWords(words: Int32Array, length: number, out: Uint32Array): void {
    // "somepseudorandomlygeneratedbytes", the constants of the paper.
    let v0h = this.#k0High ^ 0x736f6d65;
    let v0l = this.#k0Low ^ 0x70736575;
    let v1h = this.#k1High ^ 0x646f7261;
    let v1l = this.#k1Low ^ 0x6e646f6d;
    let v2h = this.#k0High ^ 0x6c796765;
    let v2l = this.#k0Low ^ 0x6e657261;
    let v3h = this.#k1High ^ 0x74656462;
    let v3l = this.#k1Low ^ 0x79746573;

    const fullBlocks = length >>> 3;
    // Blocks, then the last one with the length in its top byte, then the finalisation: one loop, so that the round
    // stands here once and the engine can keep the eight halves in CPU registers.
    for (let block = 0; block <= fullBlocks + 1; block++) {
      let mh = 0;
      let ml = 0;
      let rounds = 2;
      if (block < fullBlocks) {
        ml = words[2 * block]!;
        mh = words[2 * block + 1]!;
      } else if (block === fullBlocks) {
        const rest = length & 7;
        if (rest > 0) ml = words[2 * block]!;
        if (rest > 4) mh = words[2 * block + 1]!;
        mh |= length << 24;
      } else {
        v2l ^= 0xff;
        rounds = 4;
      }
      v3h ^= mh;
      v3l ^= ml;
      for (let round = 0; round < rounds; round++) {
        // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
        let low = (v0l + v1l) | 0;
        let high = (v0h + v1h + carryOf(v0l, v1l, low)) | 0;
        let turned = (v1h << 13) | (v1l >>> 19);
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ low;
        v1h = turned ^ high;
        v0h = low;
        v0l = high;
        // v2 += v3; v3 = rotl(v3, 16) ^ v2
        low = (v2l + v3l) | 0;
        v2h = (v2h + v3h + carryOf(v2l, v3l, low)) | 0;
        v2l = low;
        turned = (v3h << 16) | (v3l >>> 16);
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
        v3h = turned ^ v2h;
        // v0 += v3; v3 = rotl(v3, 21) ^ v0
        low = (v0l + v3l) | 0;
        v0h = (v0h + v3h + carryOf(v0l, v3l, low)) | 0;
        v0l = low;
        turned = (v3h << 21) | (v3l >>> 11);
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
        v3h = turned ^ v0h;
        // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
        low = (v2l + v1l) | 0;
        high = (v2h + v1h + carryOf(v2l, v1l, low)) | 0;
        turned = (v1h << 17) | (v1l >>> 15);
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ low;
        v1h = turned ^ high;
        v2h = low;
        v2l = high;
      }
      v0h ^= mh;
      v0l ^= ml;
    }
    out[0] = v0h ^ v1h ^ v2h ^ v3h;
    out[1] = v0l ^ v1l ^ v2l ^ v3l;
  }
}

/**
 * The carry, 0 or 1, out of a sum of two 32-bit words: into the top bit of `low` came both top bits, or one that the sum
 * has lost. Comparing `low` with a summand says the same, but as a jump that the processor guesses wrong half the time.
 */
function carryOf(a: number, b: number, low: number): number {
  return ((a & b) | ((a | b) & ~low)) >>> 31;
}

/** Packs a text into {@link scratch}, four characters to a word; false, with the scratch in no state, unless all are ASCII. */
function packAscii(text: string): boolean {
  const { length } = text;
  const whole = length & ~3;
  let seen = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    seen |= a | b | c | d;
    scratch[i >>> 2] = a | (b << 8) | (c << 16) | (d << 24);
  }
  let last = 0;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    last |= code << ((i & 3) << 3);
  }
  scratch[whole >>> 2] = last;
  return seen < 0x80;
}
