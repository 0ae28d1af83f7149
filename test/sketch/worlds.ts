import { entryOf, HyperLogLog, type TwoPhaseSet } from "../../worker/sketch/index.ts";
import { keyId, randomWords } from "./random.ts";

/** The most users of a sparse sketch. */
const sparseLimit = 3072;

/**
 * Sketches of people with random hashes. Straight into registers, as calls from module to module are slow under a test runner.
 *
 * @param people the sets each person is in, as bits
 */
export function sketchesOf(people: Int32Array, sets: number, seed: number): HyperLogLog[] {
  const sizes = Array.from({ length: sets }, () => 0);
  for (const bits of people) for (let i = 0; i < sets; i++) sizes[i]! += (bits >>> i) & 1;
  const isSmall = sizes.map((size) => size <= sparseLimit);
  const lists = sizes.map((): number[] => []);
  const rows = sizes.map(() => new Uint8Array(16_384));
  const random = randomWords(seed);
  for (const bits of people) {
    const hi = random();
    const lo = random();
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
