import { precision, rankOf, registerCount, registerOf } from "../entry.ts";
import type { HyperLogLog } from "../hyperloglog.ts";

/** Bytes that every image has: their places, and names in the DataSketches sources. */
const places = {
  preambleInts: 0,
  version: 1,
  family: 2,
  lgK: 3,
  lgArray: 4,
  flags: 5,
  listCount: 6,
  mode: 7,
};

const serialVersion = 1;
const hllFamily = 7;
const flags = { empty: 4, compact: 8, outOfOrder: 16 } as const;

/** The last byte of the header: how it is stored now, and that it is to become HLL_8. */
const modes = { list: 0x08, set: 0x09, registers: 0x0a } as const;

/** Under 8 coupons are a list, more are a set. A set has at most 2^(lgK - 3) slots, of which three quarters may be taken. */
const listLimit = 8;
const setLimit = (3 / 4) * 2 ** (precision - 3);

/** Ranks below this go into the first of two sums, the others into the second, where they are not lost to rounding. */
const firstSumRanks = 32;

/**
 * An Apache DataSketches HLL sketch image of target type HLL_8 and lgK 14, for `hll_sketch::deserialize` in C++ and
 * Python and `HllSketch.heapify` in Java. Up to 1,536 users it is a compact LIST or SET of coupons, which DataSketches
 * counts almost exactly; beyond, its registers, 16,424 bytes. Both merge with each other there. Adding to it there makes
 * no sense: other hash.
 *
 * Source: datasketches-java, hll/PreambleUtil.java.
 */
export function toDataSketches(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const entries = sketch.isSparse ? sketch.entries() : undefined;
  if (entries === undefined || entries.length > setLimit) return registersImage(sketch.registers());
  return couponsImage(entries);
}

/** A list says how many coupons it has in a byte of the header, a set in the four that follow. */
function couponsImage(entries: Uint32Array): Uint8Array<ArrayBuffer> {
  const count = entries.length;
  const isList = count < listLimit;
  const headerBytes = isList ? 8 : 12;
  const bytes = new Uint8Array(headerBytes + 4 * count);
  const view = new DataView(bytes.buffer);
  writeHeader(bytes, {
    preambleInts: isList ? 2 : 3,
    lgArray: isList ? Math.log2(listLimit) : 0,
    flags: flags.compact | (count === 0 ? flags.empty : 0),
    listCount: isList ? count : 0,
    mode: isList ? modes.list : modes.set,
  });
  if (!isList) view.setUint32(8, count, true);
  for (const [i, entry] of entries.entries()) view.setUint32(headerBytes + 4 * i, couponOf(entry), true);
  return bytes;
}

/**
 * A coupon is a rank (6 bits) over an address (26 bits) whose low 14 bits are the register. Our address has the register
 * on top, so the two parts change places. The rank is the register's, not the entry's.
 */
function couponOf(entry: number): number {
  const address = (((entry >>> 6) & 0xfff) << precision) | registerOf(entry);
  return ((rankOf(entry) << 26) | address) >>> 0;
}

/**
 * Marked as out of order, as every union is, so that DataSketches estimates from the registers and not from a running
 * count that we do not keep.
 */
function registersImage(registers: Uint8Array): Uint8Array<ArrayBuffer> {
  const headerBytes = 40;
  const bytes = new Uint8Array(headerBytes + registerCount);
  writeHeader(bytes, {
    preambleInts: headerBytes / 4,
    lgArray: 0,
    flags: flags.compact | flags.outOfOrder,
    listCount: 0,
    mode: modes.registers,
  });
  let lowSum = 0;
  let highSum = 0;
  let untouched = 0;
  for (const rank of registers) {
    if (rank < firstSumRanks) lowSum += 2 ** -rank;
    else highSum += 2 ** -rank;
    if (rank === 0) untouched++;
  }
  const view = new DataView(bytes.buffer);
  view.setFloat64(16, lowSum, true);
  view.setFloat64(24, highSum, true);
  view.setUint32(32, untouched, true);
  bytes.set(registers, headerBytes);
  return bytes;
}

function writeHeader(bytes: Uint8Array, header: Omit<typeof places, "version" | "family" | "lgK">): void {
  bytes[places.version] = serialVersion;
  bytes[places.family] = hllFamily;
  bytes[places.lgK] = precision;
  for (const name of ["preambleInts", "lgArray", "flags", "listCount", "mode"] as const) {
    bytes[places[name]] = header[name];
  }
}
