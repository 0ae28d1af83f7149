import { maxRegisterRank, precision, registerCount } from "../entry.ts";

/**
 * What the registers of several sketches of one hash tell about who is in which of them.
 *
 * A level is a rank, 1 to 51. Somebody who falls into a register has rank k with probability ρ_k ({@link levelShare}), so
 * the arrivals of different levels are independent, and a register of rank r says of each level above r that nobody
 * came, of level r that somebody did, and of the levels below nothing. Looked at from the top down, a sketch tells of level
 * k while its register is at most k, and whether it does is settled by the levels above. So the likelihood of all
 * registers is a product over levels of P(seen in exactly the sketches S, of those T that tell).
 */
export interface Telling {
  level: number;
  /** The sketches that tell of this level, as bits. */
  sketches: number;
  /** In how many registers they do. */
  registers: number;
  /** In how many of these somebody of this level was seen in exactly the sketches of the index. */
  seen: Float64Array;
}

/** The probability of each rank: 2^-k, and for 51, which gathers all that would come after 50, 2^-50. */
export function levelShare(level: number): number {
  return 2 ** -Math.min(level, 64 - precision);
}

/**
 * @param rows the registers of up to six sketches
 * @returns by level, ascending.
 */
export function tellings(rows: readonly Uint8Array[]): Telling[] {
  const width = rows.length;
  const size = 1 << width;
  const counts = new Int32Array((maxRegisterRank + 1) << (2 * width));
  // How many registers have each value as their highest: above it everybody tells that nobody came.
  const highest = new Int32Array(maxRegisterRank + 1);
  const ranks = new Int32Array(width);
  for (let register = 0; register < registerCount; register++) {
    let top = 0;
    let bottom = maxRegisterRank;
    for (let i = 0; i < width; i++) {
      const rank = rows[i]![register]!;
      ranks[i] = rank;
      if (rank > top) top = rank;
      if (rank < bottom) bottom = rank;
    }
    highest[top] = highest[top]! + 1;
    for (let level = top; level >= 1 && level >= bottom; level--) {
      let telling = 0;
      let seen = 0;
      for (let i = 0; i < width; i++) {
        const rank = ranks[i]!;
        if (rank <= level) telling |= 1 << i;
        if (rank === level) seen |= 1 << i;
      }
      const at = (((level << width) | telling) << width) | seen;
      counts[at] = counts[at]! + 1;
    }
  }
  let below = 0;
  for (let level = 1; level <= maxRegisterRank; level++) {
    below += highest[level - 1]!;
    const at = ((level << width) | (size - 1)) << width;
    counts[at] = counts[at]! + below;
  }
  return collected(counts, width);
}

function collected(counts: Int32Array, width: number): Telling[] {
  const size = 1 << width;
  const found: Telling[] = [];
  for (let at = 0; at < counts.length; at += size) {
    const seen = Float64Array.from(counts.subarray(at, at + size));
    const registers = seen.reduce((sum, n) => sum + n, 0);
    if (registers === 0) continue;
    const key = at >>> width;
    found.push({ level: key >>> width, sketches: key & (size - 1), registers, seen });
  }
  return found;
}
