import { registerCount } from "./entry.ts";

/** 16,384 registers of 6 bits. */
export const packedBytes = (registerCount * 6) / 8;

/**
 * Packs registers to 6 bits each: register i starts at bit 6 i, the lowest bit of a byte first. That is how Redis lays
 * them out, so exporting to it swaps the header. Sixteen registers make three 32-bit words.
 */
export function packRegisters(registers: Uint8Array, packed: DataView): void {
  const view = new DataView(registers.buffer, registers.byteOffset, registerCount);
  let to = 0;
  for (let from = 0; from < registerCount; from += 16) {
    const a = squeeze(view.getInt32(from, true));
    const b = squeeze(view.getInt32(from + 4, true));
    const c = squeeze(view.getInt32(from + 8, true));
    const d = squeeze(view.getInt32(from + 12, true));
    packed.setInt32(to, a | (b << 24), true);
    packed.setInt32(to + 4, (b >>> 8) | (c << 16), true);
    packed.setInt32(to + 8, (c >>> 16) | (d << 8), true);
    to += 12;
  }
}

/** The registers, a byte each with values 0..63, that {@link packRegisters} packed. */
export function unpackRegisters(packed: DataView): Uint8Array<ArrayBuffer> {
  const registers = new Uint8Array(registerCount);
  const view = new DataView(registers.buffer);
  let from = 0;
  for (let to = 0; to < registerCount; to += 16) {
    const first = packed.getInt32(from, true);
    const second = packed.getInt32(from + 4, true);
    const third = packed.getInt32(from + 8, true);
    view.setInt32(to, spread(first), true);
    view.setInt32(to + 4, spread((first >>> 24) | (second << 8)), true);
    view.setInt32(to + 8, spread((second >>> 16) | (third << 16)), true);
    view.setInt32(to + 12, spread(third >>> 8), true);
    from += 12;
  }
  return registers;
}

/** Four bytes below 64 to 24 bits. */
function squeeze(bytes: number): number {
  return (
    (bytes & 0x3f) | ((bytes & 0x3f00) >>> 2) | ((bytes & 0x3f0000) >>> 4) | ((bytes & 0x3f000000) >>> 6)
  );
}

/** The low 24 bits to four bytes below 64. */
function spread(bits: number): number {
  return (bits & 0x3f) | ((bits & 0xfc0) << 2) | ((bits & 0x3f000) << 4) | ((bits & 0xfc0000) << 6);
}
