import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HyperLogLog, toTrino } from "../../../worker/sketch/index.ts";
import { keyId, randomSketch } from "../random.ts";

/** Reads a value as airlift's SparseHll and DenseHll do, into the registers that `merge` works on. */
function registersOf(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  expect(bytes[1]).toBe(14);
  return bytes[0] === 2 ? ofSparse(view) : ofDense(view);
}

function ofSparse(view: DataView): Uint8Array {
  const count = view.getInt16(2, true);
  expect(view.byteLength).toBe(4 + 4 * count);
  const registers = new Uint8Array(16_384);
  let before = -1;
  for (let i = 0; i < count; i++) {
    const bits = view
      .getUint32(4 + 4 * i, true)
      .toString(2)
      .padStart(32, "0");
    const bucket = Number.parseInt(bits.slice(0, 26), 2);
    expect(bucket).toBeGreaterThan(before);
    before = bucket;
    // The leading zeros of the hash behind the register's bits: of the 12 that the bucket still has, or the value on top.
    const rest = bits.slice(14, 26);
    const zeros = rest.includes("1") ? rest.indexOf("1") : 12 + Number.parseInt(bits.slice(26), 2);
    const register = Number.parseInt(bits.slice(0, 14), 2);
    registers[register] = Math.max(registers[register]!, zeros + 1);
  }
  return registers;
}

function ofDense(view: DataView): Uint8Array {
  const baseline = view.getUint8(2);
  const registers = new Uint8Array(16_384);
  for (let i = 0; i < 16_384; i++) {
    const pair = view.getUint8(3 + (i >> 1));
    registers[i] = baseline + (i % 2 === 0 ? pair >> 4 : pair & 15);
  }
  const overflows = view.getUint16(8195, true);
  expect(view.byteLength).toBe(8197 + 3 * overflows);
  for (let i = 0; i < overflows; i++) {
    const register = view.getUint16(8197 + 2 * i, true);
    registers[register] = registers[register]! + view.getUint8(8197 + 2 * overflows + i);
  }
  return registers;
}

// These forms were deserialised, estimated and merged by airlift's own code; there is none here to run against each time.
test("exported bytes are these", () => {
  const prints = [0, 1, 3072, 41_000, 300_000].map((users) => {
    const bytes = toTrino(randomSketch(users, users));
    return [bytes.length, createHash("sha256").update(bytes).digest("hex").slice(0, 32)];
  });
  expect(prints).toEqual([
    [4, "a914ec0091b0844f01cf3e1a27cf6539"],
    [8, "870a4cb24a3cd4576cb0cdbb7b5a42d7"],
    [12292, "d5402375314669bcf107e5e30b4163c7"],
    [8200, "2ad35b9fd0fd1f6386531f6b241b3210"],
    [8224, "72058610668c70d2c62319d8209763cf"],
  ]);
});

test("airlift reads our registers", () => {
  for (const users of [0, 1, 100, 3072, 3073, 41_000, 1_000_000]) {
    const sketch = randomSketch(users, users);
    expect(registersOf(toTrino(sketch)), `${users} users`).toEqual(sketch.registers());
  }
});

test("a sparse sketch has an entry for each user", () => {
  const bytes = toTrino(randomSketch(3000, 4));
  expect(new DataView(bytes.buffer).getUint16(2, true)).toBe(3000);
});

test("registers far above the baseline overflow, and all are still read", () => {
  const registers = new Uint8Array(16_384).fill(3);
  registers.set([51, 18, 19, 3, 20]);
  registers[16_383] = 40;
  const bytes = toTrino(HyperLogLog.fromRegisters(registers, keyId));
  expect(registersOf(bytes)).toEqual(registers);
  // The baseline, then 15, 15, 15, 0, 15 in half bytes; register 1 fits exactly and is no overflow.
  expect([...bytes.subarray(0, 6)]).toEqual([3, 14, 3, 0xff, 0xf0, 0xf0]);
  expect([...bytes.subarray(8195)]).toEqual([4, 0, 0, 0, 2, 0, 4, 0, 255, 63, 33, 1, 2, 22]);
});
