import { entryOf, HyperLogLog, type TwoPhaseSet } from "../../worker/sketch/index.ts";
import { keyId, randomWords } from "./random.ts";

/** The most users of a sparse sketch. */
const sparseLimit = 3072;

/** Random hashes of so many people: two words each. */
export function hashesOf(count: number, seed: number): Int32Array {
  const random = randomWords(seed);
  const words = new Int32Array(2 * count);
  for (let i = 0; i < words.length; i++) words[i] = random();
  return words;
}

/**
 * Sketches of people. Straight into registers, as calls from module to module are slow under a test runner.
 *
 * @param people the sets each person is in, as bits
 * @param hashes of these people, or the seed of random ones
 */
export function sketchesOf(people: Int32Array, sets: number, hashes: Int32Array | number): HyperLogLog[] {
  const words = typeof hashes === "number" ? hashesOf(people.length, hashes) : hashes;
  const sizes = Array.from({ length: sets }, () => 0);
  for (const bits of people) {
    for (let i = 0, rest = bits; rest !== 0; i++, rest >>>= 1) sizes[i]! += rest & 1;
  }
  const isSmall = sizes.map((size) => size <= sparseLimit);
  const lists = sizes.map((): number[] => []);
  const rows = sizes.map(() => new Uint8Array(16_384));
  for (let person = 0; person < people.length; person++) {
    const bits = people[person]!;
    if (bits === 0) continue;
    const hi = words[2 * person]!;
    const lo = words[2 * person + 1]!;
    const below = (hi << 14) | (lo >>> 18);
    const rank = below === 0 ? 33 + Math.clz32((lo << 14) | 0x2000) : 1 + Math.clz32(below);
    for (let i = 0, rest = bits; rest !== 0; i++, rest >>>= 1) {
      if ((rest & 1) === 0) continue;
      if (isSmall[i]) lists[i]!.push(entryOf(hi, lo));
      else if (rank > rows[i]![hi >>> 18]!) rows[i]![hi >>> 18] = rank;
    }
  }
  return sizes.map((_, i) => {
    if (!isSmall[i]) return HyperLogLog.fromRegisters(rows[i]!, keyId);
    const sketch = new HyperLogLog(keyId);
    for (const entry of lists[i]!) sketch.add(entry);
    return sketch;
  });
}

/**
 * Two-phase sets of people with random hashes.
 *
 * @param people the sets each person was added to, as bits, and `sets` bits further up those they were removed from
 */
export function setsOf(people: Int32Array, sets: number, seed: number): TwoPhaseSet[] {
  const sketches = sketchesOf(people, 2 * sets, seed);
  return Array.from({ length: sets }, (_, i) => ({ added: sketches[i]!, removed: sketches[sets + i]! }));
}

/** So many people of each kind, given as bits. */
export function peopleOf(...groups: (readonly [bits: number, count: number])[]): Int32Array {
  return Int32Array.from(groups.flatMap(([bits, count]) => Array.from({ length: count }, () => bits)));
}

/** How many people have all bits of `present` and none of `absent`. */
export function countIn(people: Int32Array, present: number, absent = 0): number {
  let count = 0;
  for (const bits of people) if ((bits & present) === present && (bits & absent) === 0) count++;
  return count;
}
