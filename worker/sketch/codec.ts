import { crc32 } from "./crc32.ts";
import { isEntry, maxEntryRank, maxRegisterRank, precision } from "./entry.ts";
import { SketchFormatError } from "./errors.ts";
import { HyperLogLog, sparseLimit } from "./hyperloglog.ts";
import { packedBytes, packRegisters, unpackRegisters } from "./packed-registers.ts";

/** "HCS1" as a little-endian number. */
const magic = 0x31534348;

/** SipHash-2-4 under the key that the key id names. */
const sipHash24 = 1;

const kinds = { empty: 0, sparse: 1, dense: 2 } as const;

const headerBytes = 24;
const crcOffset = 16;

/**
 * A sketch as bytes, for storage and wire; the form is described byte by byte in docs/sketch.md. Each state has one
 * encoding: sketches of the same users under the same key are equal byte for byte.
 * 24 bytes when empty, 4 more for each entry while sparse, 12,312 when dense.
 */
export function encode(sketch: HyperLogLog): Uint8Array<ArrayBuffer> {
  const entries = sketch.isSparse ? sketch.entries() : undefined;
  const bytes = new Uint8Array(headerBytes + (entries === undefined ? packedBytes : entries.length * 4));
  const view = new DataView(bytes.buffer);
  const kind = entries === undefined ? kinds.dense : entries.length > 0 ? kinds.sparse : kinds.empty;
  view.setUint32(0, magic, true);
  view.setUint8(4, kind);
  view.setUint8(5, precision);
  view.setUint8(6, sipHash24);
  view.setUint32(8, sketch.keyId, true);
  if (entries === undefined) {
    packRegisters(sketch.registers(), new DataView(bytes.buffer, headerBytes));
  } else {
    view.setUint32(12, entries.length, true);
    for (let i = 0; i < entries.length; i++) view.setUint32(headerBytes + 4 * i, entries[i]!, true);
  }
  view.setUint32(crcOffset, checksum(bytes), true);
  return bytes;
}

/**
 * Reads what {@link encode} wrote and refuses everything else; `encode(decode(bytes))` is `bytes`.
 * The bytes are copied, not kept.
 *
 * @throws SketchFormatError when one bit is not as it was written.
 */
export function decode(bytes: Uint8Array): HyperLogLog {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = checkHeader(bytes, view);
  const keyId = view.getUint32(8, true);
  if (kind === kinds.sparse) return decodeEntries(view, keyId);
  if (kind === kinds.dense) return decodeRegisters(view, keyId);
  return new HyperLogLog(keyId);
}

/** Returns the kind of a sketch whose header, length and checksum are right. */
function checkHeader(bytes: Uint8Array, view: DataView): number {
  const { length } = bytes;
  if (length < headerBytes) refuse(`${length} bytes; the header alone has ${headerBytes}`);
  if (view.getUint32(0, true) !== magic) refuse('it does not begin with "HCS1"');
  const kind = view.getUint8(4);
  if (kind > kinds.dense) refuse(`kind ${kind}; 0 (empty), 1 (sparse) and 2 (dense) are known`);
  if (view.getUint8(5) !== precision) refuse(`precision ${view.getUint8(5)}; only ${precision} is known`);
  if (view.getUint8(6) !== sipHash24) refuse(`hash ${view.getUint8(6)}; only 1 (SipHash-2-4) is known`);
  if (view.getUint8(7) !== 0) refuse(`flags ${view.getUint8(7)}; none is known, so 0 is right`);
  if (view.getUint32(20, true) !== 0) refuse("the reserved field is not 0");
  const count = view.getUint32(12, true);
  if (kind === kinds.sparse ? count < 1 || count > sparseLimit : count !== 0) {
    refuse(`count ${count}; a sparse sketch has 1 to ${sparseLimit} entries, and any other says 0`);
  }
  const wanted = headerBytes + (kind === kinds.dense ? packedBytes : count * 4);
  if (length !== wanted) refuse(`${length} bytes; by its header it has ${wanted}`);
  if (view.getUint32(crcOffset, true) !== checksum(bytes)) refuse("the checksum does not match");
  return kind;
}

function decodeEntries(view: DataView, keyId: number): HyperLogLog {
  const sketch = new HyperLogLog(keyId);
  let before = -1;
  for (let at = headerBytes; at < view.byteLength; at += 4) {
    const entry = view.getUint32(at, true);
    if (!isEntry(entry)) refuse(`an entry of rank ${entry & 63}; 1 to ${maxEntryRank} are possible`);
    const address = entry >>> 6;
    if (address <= before) refuse("the addresses of its entries do not ascend strictly");
    before = address;
    sketch.add(entry);
  }
  return sketch;
}

function decodeRegisters(view: DataView, keyId: number): HyperLogLog {
  const registers = unpackRegisters(new DataView(view.buffer, view.byteOffset + headerBytes, packedBytes));
  let sketch: HyperLogLog;
  try {
    sketch = HyperLogLog.fromRegisters(registers, keyId);
  } catch {
    refuse(`a register above ${maxRegisterRank}`);
  }
  if (sketch.isEmpty) refuse("a dense sketch without a user; an empty one has kind 0");
  return sketch;
}

/** CRC-32 of all bytes but those of the checksum itself, so that the header is protected too. */
function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(crcOffset + 4), crc32(bytes.subarray(0, crcOffset)));
}

function refuse(found: string): never {
  throw new SketchFormatError(`not a sketch: ${found}`);
}
