import { HyperLogLog, SketchFormatError } from "../../../worker/sketch/index.ts";
import { maxRegisterRank, precision, registerCount } from "../../../worker/sketch/entry.ts";

const headerBytes = 40;

/** The fixed bytes of the header of an HLL_8 image, with their names in the DataSketches sources. */
const header = [
  { name: "preamble ints", at: 0, value: 10 },
  { name: "serial version", at: 1, value: 1 },
  { name: "family", at: 2, value: 7 },
  { name: "lgK", at: 3, value: precision },
  { name: "current minimum", at: 6, value: 0 },
  { name: "mode (target HLL_8, now HLL)", at: 7, value: 0x0a },
] as const;

const flagsAt = 5;
const flags = { empty: 4, sumsAreStale: 32 } as const;

/** The different coupons of a compact LIST or SET image of lgK 14: `value << 26 | key`, whose low lgK bits are the slot. */
export function couponsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isList = bytes[7] === 8;
  const [start, count] = isList ? [8, bytes[6]!] : [12, view.getUint32(8, true)];
  const expected = isList ? [2, 1, 7, 14, 3, count === 0 ? 12 : 8, count, 8] : [3, 1, 7, 14, 0, 8, 0, 9];
  if (expected.some((byte, i) => bytes[i] !== byte) || bytes.length !== start + 4 * count) {
    throw new SketchFormatError("not a compact image of coupons");
  }
  return Array.from({ length: count }, (_, i) => view.getUint32(start + 4 * i, true));
}

/** The registers that DataSketches makes of coupons when there are too many. */
export function registersOf(coupons: readonly number[]): Uint8Array {
  const registers = new Uint8Array(registerCount);
  for (const coupon of coupons) {
    const slot = coupon % registerCount;
    registers[slot] = Math.max(registers[slot]!, Math.floor(coupon / 2 ** 26));
  }
  return registers;
}

/**
 * Reads a DataSketches image of type HLL_8 with lgK 14. A small DataSketches sketch is a list of coupons and not yet
 * registers; read that with {@link couponsOf}. Refused are HLL_4 and HLL_6.
 *
 * @param keyId names the hash of the users in it, as for `fromRedis`.
 * @throws SketchFormatError when it is another thing.
 */
export function fromDataSketches(bytes: Uint8Array, keyId: number): HyperLogLog {
  const wanted = headerBytes + registerCount;
  if (bytes.length < headerBytes) refuse(`${bytes.length} bytes; it has ${wanted}`);
  for (const { name, at, value } of header) {
    if (bytes[at] !== value) refuse(`${name} ${bytes[at]}; only ${value} can be read`);
  }
  if (bytes[flagsAt]! & flags.empty) refuse("it is marked empty, and yet has registers");
  if (bytes.length !== wanted) refuse(`${bytes.length} bytes; it has ${wanted}`);
  const registers = new Uint8Array(bytes.subarray(headerBytes));
  if (registers.some((rank) => rank > maxRegisterRank)) refuse(`a register above ${maxRegisterRank}`);
  const claimed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(32, true);
  const untouched = registers.reduce((sum, rank) => sum + (rank === 0 ? 1 : 0), 0);
  // A union in DataSketches puts off its sums and its count of untouched registers, and says so.
  const isTallied = !(bytes[flagsAt]! & flags.sumsAreStale);
  if (isTallied && claimed !== untouched) refuse(`${claimed} untouched registers; ${untouched} are`);
  return HyperLogLog.fromRegisters(registers, keyId);
}

function refuse(found: string): never {
  throw new SketchFormatError(`not a DataSketches HLL_8 image of lgK ${precision}: ${found}`);
}
