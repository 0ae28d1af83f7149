import { maxRegisterRank, precision, registerCount } from "../entry.ts";
import { SketchFormatError } from "../errors.ts";
import { HyperLogLog } from "../hyperloglog.ts";

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
const flags = { empty: 4, compact: 8, outOfOrder: 16, sumsAreStale: 32 } as const;

/** Ranks below this go into the first of two sums, the others into the second, where they are not lost to rounding. */
const firstSumRanks = 32;

/**
 * An Apache DataSketches HLL sketch image: type HLL_8, lgK 14, 16,424 bytes; for `hll_sketch::deserialize` in C++ and
 * Python and `HllSketch.heapify` in Java. It is marked as out of order, as every union is, so DataSketches estimates from
 * the registers and not from a running count that we do not keep. Adding to it there makes no sense: other hash.
 */
export function toDataSketches(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const registers = sketch.registers();
  const bytes = new Uint8Array(headerBytes + registerCount);
  for (const { at, value } of header) bytes[at] = value;
  bytes[flagsAt] = flags.compact | flags.outOfOrder;
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

/**
 * Reads a DataSketches image of type HLL_8 with lgK 14. A small DataSketches sketch is a list of coupons and not yet
 * registers; such an image is refused, as are HLL_4 and HLL_6: convert them to HLL_8 there.
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
