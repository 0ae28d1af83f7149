import { precision } from "../entry.ts";
import type { HyperLogLog } from "../hyperloglog.ts";

/** The aggregation type HYPERLOGLOG_PLUS_UNIQUE, which is also the number of the field that holds its state. */
const hyperLogLogPlus = 112;

/** The encoding version of today's HLL_COUNT sketches. */
const encodingVersion = 2;

/** The value type "bytes or UTF-8 string". Sketches of different value types do not merge there. */
const stringValues = 11;

/** BigQuery's own choice for a precision p: p + 5. */
const sparsePrecision = precision + 5;

/**
 * A sketch of BigQuery's `HLL_COUNT` functions, of precision 14 and of strings, for a column of type BYTES.
 * `HLL_COUNT.EXTRACT` estimates it, and `HLL_COUNT.MERGE_PARTIAL` of sketches of one hash key has the registers of
 * {@link HyperLogLog.union}. Always dense, some 16.4 KB: BigQuery's sparse form keeps other bits of the hash than ours.
 *
 * Source: zetasketch, proto/aggregator.proto and proto/hllplus-unique.proto; data[i] is the rank of register i.
 */
export function toBigQuery(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const registers = sketch.registers();
  const state = [...varintField(3, precision), ...varintField(4, sparsePrecision)];
  const stateHead = [...state, ...bytesField(5, registers.length)];
  const head = [
    ...varintField(1, hyperLogLogPlus),
    ...varintField(2, Math.min(Number.MAX_SAFE_INTEGER, Math.round(sketch.count()))),
    ...varintField(3, encodingVersion),
    ...varintField(4, stringValues),
    ...bytesField(hyperLogLogPlus, stateHead.length + registers.length),
    ...stateHead,
  ];
  const bytes = new Uint8Array(head.length + registers.length);
  bytes.set(head);
  bytes.set(registers, head.length);
  return bytes;
}

/** A protobuf field of wire type 0. */
function varintField(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

/** The head of a protobuf field of wire type 2: so many bytes follow. */
function bytesField(field: number, length: number): number[] {
  return [...varint((field << 3) | 2), ...varint(length)];
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}
