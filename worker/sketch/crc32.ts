/** CRC-32 as in zip, gzip and PNG: polynomial 0x04c11db7, reflected. */
const polynomial = 0xedb88320;

/** How many bytes are taken at a time. */
const slices = 8;

/** Row s of 256: what a byte does to the remainder from s bytes further back. */
const tables = makeTables();

/**
 * The CRC-32 of some bytes, eight at a time ("slicing by eight", Kounavis and Berry 2005): a packed sketch is 12 KB and
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
    const near = crc ^ view.getInt32(at, true);
    const far = view.getInt32(at + 4, true);
    crc =
      tables[0x700 | (near & 0xff)]! ^
      tables[0x600 | ((near >>> 8) & 0xff)]! ^
      tables[0x500 | ((near >>> 16) & 0xff)]! ^
      tables[0x400 | (near >>> 24)]! ^
      tables[0x300 | (far & 0xff)]! ^
      tables[0x200 | ((far >>> 8) & 0xff)]! ^
      tables[0x100 | ((far >>> 16) & 0xff)]! ^
      tables[far >>> 24]!;
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
