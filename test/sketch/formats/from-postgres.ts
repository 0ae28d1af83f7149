import { HyperLogLog, SketchFormatError } from "../../../worker/sketch/index.ts";
import { maxRegisterRank, precision, registerCount } from "../../../worker/sketch/entry.ts";

/** First byte: storage version 1 in the upper half, how the registers are written in the lower. */
const types = { empty: 0x11, explicit: 0x12, sparse: 0x13, full: 0x14 } as const;

const headerBytes = 3;

/**
 * Reads a value of the PostgreSQL type hll with 2^14 registers of any width: EMPTY, SPARSE or FULL.
 *
 * @param keyId names the hash of the users in it, as for `fromRedis`.
 * @throws SketchFormatError when it is another thing, or EXPLICIT: that is a list of hashes of 64 bits, which would have
 * to be taken apart as PostgreSQL does it. A column of type `hll(14, 5, 0, 1)` never holds one.
 */
export function fromPostgres(bytes: Uint8Array, keyId: number): HyperLogLog {
  if (bytes.length < headerBytes) refuse(`${bytes.length} bytes; the header alone has ${headerBytes}`);
  const [type = 0, shape = 0, switches = 0] = bytes;
  if (type === types.explicit) refuse("it is EXPLICIT, a list of hashes; only registers can be read");
  if ((shape & 0x1f) !== precision) refuse(`2^${shape & 0x1f} registers; only 2^${precision} can be read`);
  if (switches & 0x80) refuse("its third byte has a bit set that is reserved");
  const registerWidth = (shape >>> 5) + 1;
  if (type === types.full) return fromFull(bytes, registerWidth, keyId);
  if (type === types.sparse) return fromSparse(bytes, registerWidth, keyId);
  if (type !== types.empty) refuse(`type 0x${type.toString(16)}; 0x11 to 0x14 are known`);
  if (bytes.length !== headerBytes) refuse(`${bytes.length} bytes; an EMPTY one has ${headerBytes}`);
  return new HyperLogLog(keyId);
}

function fromFull(bytes: Uint8Array, registerWidth: number, keyId: number): HyperLogLog {
  const wanted = headerBytes + (registerCount * registerWidth) / 8;
  if (bytes.length !== wanted) refuse(`${bytes.length} bytes; a FULL one has ${wanted}`);
  const registers = new Uint8Array(registerCount);
  for (let register = 0; register < registerCount; register++) {
    registers[register] = checkedRank(readBits(bytes, register * registerWidth, registerWidth));
  }
  return HyperLogLog.fromRegisters(registers, keyId);
}

/** Pairs of a register's number and its rank, ascending, padded with less than a byte of zeros. */
function fromSparse(bytes: Uint8Array, registerWidth: number, keyId: number): HyperLogLog {
  const pairBits = precision + registerWidth;
  const bits = (bytes.length - headerBytes) * 8;
  const pairs = Math.floor(bits / pairBits);
  const padding = bits - pairs * pairBits;
  if (padding > 7 || readBits(bytes, pairs * pairBits, padding) !== 0) refuse("its last pair is cut off");
  const registers = new Uint8Array(registerCount);
  let before = -1;
  for (let pair = 0; pair < pairs; pair++) {
    const register = readBits(bytes, pair * pairBits, precision);
    const rank = checkedRank(readBits(bytes, pair * pairBits + precision, registerWidth));
    if (register <= before) refuse("its registers do not ascend");
    if (rank === 0) refuse("a pair of rank 0");
    before = register;
    registers[register] = rank;
  }
  return HyperLogLog.fromRegisters(registers, keyId);
}

/** Up to 24 bits from bit `from` after the header on, the highest first. */
function readBits(bytes: Uint8Array, from: number, count: number): number {
  const first = headerBytes + (from >>> 3);
  const window =
    (bytes[first]! << 24) |
    ((bytes[first + 1] ?? 0) << 16) |
    ((bytes[first + 2] ?? 0) << 8) |
    (bytes[first + 3] ?? 0);
  return count === 0 ? 0 : (window << (from & 7)) >>> (32 - count);
}

function checkedRank(rank: number): number {
  if (rank > maxRegisterRank) refuse(`a register above ${maxRegisterRank}`);
  return rank;
}

function refuse(found: string): never {
  throw new SketchFormatError(`not a postgresql-hll value that can be read: ${found}`);
}
