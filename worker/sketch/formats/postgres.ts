import { precision, registerCount } from "../entry.ts";
import type { HyperLogLog } from "../hyperloglog.ts";

/** First byte: storage version 1 in the upper half, how the registers are written in the lower. */
const types = { empty: 0x11, full: 0x14 } as const;

/**
 * Bits of a register. Six would hold our ranks in full, but with six PostgreSQL returns NaN for every sketch without an
 * untouched register, its own included (postgresql-hll issues 15 and 160, open since 2013).
 */
const width = 5;

/** What does not fit in five bits: a register that has seen one of 2^31 hashes. It costs nothing before 10^12 users. */
const highest = 2 ** width - 1;

/** Third byte: sparse storage allowed, the most hashes to be listed explicitly left to the extension. */
const cutoff = 0x7f;

const headerBytes = 3;

/**
 * A value of the type `hll(14, 5, -1, 1)` of the PostgreSQL extension hll: storage specification 1, FULL or EMPTY,
 * 10,243 or 3 bytes, to be passed as `bytea` and cast to `hll`. `hll_union_agg` of sketches of one hash key has the
 * registers of {@link HyperLogLog.union}; `hll_cardinality` uses the estimator of 2007 and is up to 2.4 % high around
 * 41,000 users. `hll_add` to it makes no sense: PostgreSQL hashes without our key.
 */
export function toPostgres(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const header = [sketch.isEmpty ? types.empty : types.full, ((width - 1) << 5) | precision, cutoff];
  if (sketch.isEmpty) return Uint8Array.from(header);
  const bytes = new Uint8Array(headerBytes + (registerCount * width) / 8);
  bytes.set(header);
  // The highest bit first. At most 7 bits wait for the next register, so the number never outgrows 12 bits.
  let waiting = 0;
  let bits = 0;
  let at = headerBytes;
  for (const rank of sketch.registers()) {
    waiting = (waiting << width) | Math.min(rank, highest);
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = waiting >>> bits;
      waiting &= (1 << bits) - 1;
    }
  }
  return bytes;
}
