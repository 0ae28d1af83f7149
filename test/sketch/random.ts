import { entryOf, HyperLogLog, SipHasher } from "../../worker/sketch/index.ts";

/** The key id of every sketch in these tests. */
export const keyId = 0x1234abcd;

/** A seeded source of 32-bit words: sfc32 of Chris Doty-Humphrey's PractRand, state from the seed by splitmix32. */
export function randomWords(seed: number): () => number {
  let mix = seed | 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let word = mix ^ (mix >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) | 0;
  };
  let a = next();
  let b = next();
  let c = next();
  let counter = 1;
  return () => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word;
  };
}

/** A hasher whose key follows from the seed. */
export function seededHasher(seed: number): SipHasher {
  const random = randomWords(seed);
  return new SipHasher(Uint8Array.from({ length: 16 }, () => random() & 0xff));
}

/** Entries of as many random hashes, in a fixed order for each seed. */
export function randomEntries(count: number, seed: number): Uint32Array<ArrayBuffer> {
  const random = randomWords(seed);
  return Uint32Array.from({ length: count }, () => entryOf(random(), random()));
}

/** A sketch of the given entries. */
export function sketchOf(...lists: Iterable<number>[]): HyperLogLog {
  const sketch = new HyperLogLog(keyId);
  for (const entries of lists) for (const entry of entries) sketch.add(entry);
  return sketch;
}

/** A sketch of `users` random hashes. */
export function randomSketch(users: number, seed: number): HyperLogLog {
  return sketchOf(randomEntries(users, seed));
}
