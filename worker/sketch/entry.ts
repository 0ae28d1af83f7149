/**
 * A user as a sketch sees them: 32 bits cut from the 64-bit keyed hash.
 *
 *     bit 31 ............ 6   5 ...... 0
 *     address (26 bits)       rank (1..39)
 *
 * The address is the top of the hash; the rank is the position, counted from 1, of the first one bit among the 38
 * bits below it. An entry keeps all that HyperLogLog of any precision up to 26 wants to know, so a sketch can start
 * as a list of entries and become registers later without loss. Zero is no entry, since a rank is at least 1.
 */

/** log2 of the number of registers. Standard error is 1.04 / sqrt(2^14) = 0.8125 %. */
export const precision = 14;

/** The number of registers of a dense sketch. */
export const registerCount = 1 << precision;

/** The highest rank a register can hold: 64 - 14 hash bits, all zero, and one. */
export const maxRegisterRank = 64 - precision + 1;

/** The number of hash bits that an entry keeps in full. */
export const addressBits = 26;

/** The highest rank of an entry: 38 hash bits, all zero, and one. */
export const maxEntryRank = 64 - addressBits + 1;

/** Address bits that are no longer part of the register's number once there are only 2^14 registers. */
const surplusBits = addressBits - precision;

/** The entry of a 64-bit hash given in two 32-bit words; an unsigned 32-bit number, never 0. */
export function entryOf(hi: number, lo: number): number {
  const top = hi << addressBits;
  const rank = top === 0 ? 64 - addressBits - 32 + 1 + Math.clz32(lo) : Math.clz32(top) + 1;
  return ((hi & ~63) | rank) >>> 0;
}

/** The register, 0..16383, that an entry falls into. */
export function registerOf(entry: number): number {
  return entry >>> (32 - precision);
}

/** The rank, 1..51, that an entry gives its register. */
export function rankOf(entry: number): number {
  const rest = (entry & ~63) << precision;
  return rest === 0 ? surplusBits + (entry & 63) : Math.clz32(rest) + 1;
}

/** Whether a number is a possible entry as to its rank; every address is possible. */
export function isEntry(entry: number): boolean {
  const rank = entry & 63;
  return rank >= 1 && rank <= maxEntryRank;
}
