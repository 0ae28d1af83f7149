import { HyperLogLog, SketchFormatError } from "../../../worker/sketch/index.ts";
import { maxRegisterRank, registerCount } from "../../../worker/sketch/entry.ts";
import { packedBytes, unpackRegisters } from "../../../worker/sketch/packed-registers.ts";

/** "HYLL" as a little-endian number. */
const magic = 0x4c4c5948;

const encodings = { dense: 0, sparse: 1 } as const;

const headerBytes = 16;

/**
 * Reads the string value of a Redis HyperLogLog key, dense or sparse (Redis writes either).
 *
 * @param keyId names the hash of the users in it. Only what `toRedis` wrote may have the id of one of our keys;
 * for users that Redis itself hashed use an id of their own, so that they are never merged with ours.
 * @throws SketchFormatError when it is not such a value.
 */
export function fromRedis(bytes: Uint8Array, keyId: number): HyperLogLog {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < headerBytes || view.getUint32(0, true) !== magic)
    refuse('it does not begin with "HYLL"');
  const encoding = bytes[4];
  if (encoding === encodings.dense) return fromDense(view, keyId);
  if (encoding === encodings.sparse) return fromSparse(bytes, keyId);
  return refuse(`encoding ${encoding}; 0 (dense) and 1 (sparse) are known`);
}

function fromDense(view: DataView, keyId: number): HyperLogLog {
  const wanted = headerBytes + packedBytes;
  if (view.byteLength !== wanted) refuse(`${view.byteLength} bytes; a dense one has ${wanted}`);
  const registers = unpackRegisters(new DataView(view.buffer, view.byteOffset + headerBytes, packedBytes));
  if (registers.some((rank) => rank > maxRegisterRank)) refuse(`a register above ${maxRegisterRank}`);
  return HyperLogLog.fromRegisters(registers, keyId);
}

/** Runs of registers, described at the head of Redis' hyperloglog.c. */
function fromSparse(bytes: Uint8Array, keyId: number): HyperLogLog {
  const registers = new Uint8Array(registerCount);
  let register = 0;
  for (let at = headerBytes; at < bytes.length;) {
    const opcode = bytes[at++]!;
    let run: number;
    let rank = 0;
    if (opcode & 0x80) {
      // VAL 1vvvvvxx: x + 1 registers of rank v + 1.
      rank = ((opcode >>> 2) & 0x1f) + 1;
      run = (opcode & 3) + 1;
    } else if (opcode & 0x40) {
      // XZERO 01xxxxxx yyyyyyyy: xy + 1 untouched registers.
      if (at === bytes.length) refuse("its last opcode is cut off");
      run = (((opcode & 0x3f) << 8) | bytes[at++]!) + 1;
    } else {
      // ZERO 00xxxxxx: x + 1 untouched registers.
      run = opcode + 1;
    }
    if (register + run > registerCount) refuse(`its runs go past register ${registerCount - 1}`);
    if (rank > 0) registers.fill(rank, register, register + run);
    register += run;
  }
  if (register !== registerCount) refuse(`its runs end after ${register} of ${registerCount} registers`);
  return HyperLogLog.fromRegisters(registers, keyId);
}

function refuse(found: string): never {
  throw new SketchFormatError(`not a Redis HyperLogLog: ${found}`);
}
