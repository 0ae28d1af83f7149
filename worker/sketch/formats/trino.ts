import { precision, registerCount } from "../entry.ts";
import type { HyperLogLog } from "../hyperloglog.ts";

/** The first byte: airlift's second version of each layout, which all releases of Trino and Presto since 2015 read. */
const tags = { sparse: 2, dense: 3 } as const;

/** The largest difference to the baseline that four bits hold. */
const largestDelta = 15;

/**
 * A value of the type `HyperLogLog` of Trino, Presto and Athena, to be passed as `varbinary` and cast there. `cardinality`
 * estimates it, and `merge` of sketches of one hash key has the registers of {@link HyperLogLog.union}.
 * While the sketch is sparse the value is too (4 bytes, and 4 for each user), and is counted almost exactly there.
 *
 * Source: airlift, stats/src/main/java/io/airlift/stats/cardinality/{SparseHll,DenseHll}.java and its `docs/hll.md`.
 */
export function toTrino(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  return sketch.isSparse ? sparse(sketch.entries()) : dense(sketch.registers());
}

/** Tag, index bits, number of entries (16 bits), entries (32 bits): as ours, but with leading zeros for ranks, one less. */
function sparse(entries: Uint32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * entries.length);
  const view = new DataView(bytes.buffer);
  bytes.set([tags.sparse, precision]);
  view.setUint16(2, entries.length, true);
  for (const [i, entry] of entries.entries()) view.setUint32(4 + 4 * i, entry - 1, true);
  return bytes;
}

/**
 * Tag, index bits, the lowest register as the baseline, and each register's difference to it in four bits, that of an even
 * register in the upper half. Where four bits don't do they hold 15, and lists follow: how many (16 bits), which
 * registers (16 bits, ascending), and how much goes on top of each (8 bits).
 */
function dense(registers: Uint8Array): Uint8Array<ArrayBuffer> {
  const baseline = registers.reduce((lowest, rank) => Math.min(lowest, rank));
  const overflowing = [...registers.keys()].filter((i) => registers[i]! - baseline > largestDelta);
  const deltasAt = 3;
  const overflowsAt = deltasAt + registerCount / 2;
  const bytes = new Uint8Array(overflowsAt + 2 + 3 * overflowing.length);
  const view = new DataView(bytes.buffer);
  bytes.set([tags.dense, precision, baseline]);
  for (let i = 0; i < registerCount; i += 2) {
    const [even, odd] = [registers[i]! - baseline, registers[i + 1]! - baseline];
    bytes[deltasAt + i / 2] = (Math.min(even, largestDelta) << 4) | Math.min(odd, largestDelta);
  }
  view.setUint16(overflowsAt, overflowing.length, true);
  const excessAt = overflowsAt + 2 + 2 * overflowing.length;
  for (const [at, register] of overflowing.entries()) {
    view.setUint16(overflowsAt + 2 + 2 * at, register, true);
    bytes[excessAt + at] = registers[register]! - baseline - largestDelta;
  }
  return bytes;
}
