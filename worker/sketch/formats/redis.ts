import type { HyperLogLog } from "../hyperloglog.ts";
import { packedBytes, packRegisters } from "../packed-registers.ts";

/** "HYLL" as a little-endian number. */
const magic = 0x4c4c5948;

/** Registers, 6 bits each; 1 would be runs of registers. */
const dense = 0;

const headerBytes = 16;

/** Top bit of the cached count: what is cached is out of date. */
const staleByte = 15;
const stale = 0x80;

/**
 * The string value of a Redis HyperLogLog key (dense; 12,304 bytes), for `SET`. There `PFCOUNT` gives the same number as
 * `Math.round(sketch.count())`, and `PFMERGE` of sketches of one hash key the registers of {@link HyperLogLog.union}.
 * `PFADD` to it makes no sense: Redis hashes without a key, and would count everybody a second time.
 */
export function toRedis(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + packedBytes);
  new DataView(bytes.buffer).setUint32(0, magic, true);
  bytes[4] = dense;
  bytes[staleByte] = stale;
  packRegisters(sketch.registers(), new DataView(bytes.buffer, headerBytes));
  return bytes;
}
