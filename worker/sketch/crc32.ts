/** CRC-32 as in zip, gzip and PNG: polynomial 0x04c11db7, reflected. */
const polynomial = 0xedb88320;

/** How many bytes are taken at a time. */
const slices = 16;

/** Row s of 256: what a byte does to the remainder from s bytes further back. */
const tables = makeTables();

/**
 * The CRC-32 of some bytes, sixteen at a time (after "slicing by eight", Kounavis and Berry 2005): a packed sketch is 12 KB and
 * one byte at a time would cost more than all the rest of decoding.
 *
 * @param previous the checksum of what came before, to go on from.
 * @returns an unsigned 32-bit number.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let crc = ~previous;
  let at = 0;
  for (; at + slices <= length; at += slices) {
    const first = crc ^ view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    const third = view.getInt32(at + 8, true);
    const fourth = view.getInt32(at + 12, true);
    crc =
      tables[0xf00 | (first & 0xff)]! ^
      tables[0xe00 | ((first >>> 8) & 0xff)]! ^
      tables[0xd00 | ((first >>> 16) & 0xff)]! ^
      tables[0xc00 | (first >>> 24)]! ^
      tables[0xb00 | (second & 0xff)]! ^
      tables[0xa00 | ((second >>> 8) & 0xff)]! ^
      tables[0x900 | ((second >>> 16) & 0xff)]! ^
      tables[0x800 | (second >>> 24)]! ^
      tables[0x700 | (third & 0xff)]! ^
      tables[0x600 | ((third >>> 8) & 0xff)]! ^
      tables[0x500 | ((third >>> 16) & 0xff)]! ^
      tables[0x400 | (third >>> 24)]! ^
      tables[0x300 | (fourth & 0xff)]! ^
      tables[0x200 | ((fourth >>> 8) & 0xff)]! ^
      tables[0x100 | ((fourth >>> 16) & 0xff)]! ^
      tables[fourth >>> 24]!;
  }
  for (; at < length; at++) crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const made = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256]!;
    made[i] = made[before & 0xff]! ^ (before >>> 8);
  }
  return made;
}
