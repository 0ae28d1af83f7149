import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HyperLogLog, SketchFormatError, toDataSketches } from "../../../worker/sketch/index.ts";
import { couponsOf, fromDataSketches, registersOf } from "./from-datasketches.ts";
import { keyId, randomSketch, randomWords } from "../random.ts";
import { expectBytes } from "../../support/expect-bytes.ts";

function altered(alter: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = toDataSketches(randomSketch(5000, 1));
  alter(bytes);
  return bytes;
}

// These forms were deserialised, estimated and united by datasketches-cpp; there is none here to run against each time.
test("exported bytes are these", () => {
  const prints = [0, 1, 7, 8, 1536, 1537, 3072, 41_000, 300_000].map((users) => {
    const bytes = toDataSketches(randomSketch(users, users));
    return [bytes.length, createHash("sha256").update(bytes).digest("hex").slice(0, 32)];
  });
  expect(prints).toEqual([
    [8, "2e75e880ee06f77e9db18909e7b44f61"],
    [12, "f8f31d036874406dd00243adcd0d636d"],
    [36, "7ad249b889249a8f8b81a0fd0ea157d7"],
    [44, "858f52dc0b84dd8e5e57d969d5de4c70"],
    [6156, "c6bc91befee42cd7b205ca48ea552e98"],
    [16424, "b30904fe04e92a1ee1e96389b0e6bfee"],
    [16424, "46956bd0867e6448471e0076e2ff5fd8"],
    [16424, "852f8787e7a1560cb15971f291d4b7e9"],
    [16424, "6643386a5f974e86b1e09e17ad0db15a"],
  ]);
});

test("up to 1,536 users are coupons: a list under 8 of them, a set from there on", () => {
  for (const users of [0, 1, 7, 8, 1536]) {
    const sketch = randomSketch(users, users);
    const coupons = couponsOf(toDataSketches(sketch));
    expect(new Set(coupons).size).toBe(users);
    expect(registersOf(coupons)).toEqual(sketch.registers());
    // The 26 bits under the rank are the address, turned so that the register is below.
    const addresses = coupons.map(
      (coupon) => (coupon % 2 ** 14) * 2 ** 12 + (Math.floor(coupon / 2 ** 14) % 2 ** 12),
    );
    expect(addresses).toEqual([...sketch.entries()].map((entry) => Math.floor(entry / 64)));
  }
  expect(() => couponsOf(toDataSketches(randomSketch(1537, 1)))).toThrow(SketchFormatError);
});

test("the header says what DataSketches keeps beside the registers", () => {
  const registers = new Uint8Array(16_384);
  registers.set([1, 31, 32, 51]);
  const bytes = toDataSketches(HyperLogLog.fromRegisters(registers, keyId));
  expect(Buffer.from(bytes.subarray(0, 8)).toString("hex")).toBe("0a01070e0018000a");
  const view = new DataView(bytes.buffer);
  expect(view.getFloat64(8, true)).toBe(0);
  expect(view.getFloat64(16, true)).toBe(16_380 + 2 ** -1 + 2 ** -31);
  expect(view.getFloat64(24, true)).toBe(2 ** -32 + 2 ** -51);
  expect(view.getUint32(32, true)).toBe(16_380);
  expect(view.getUint32(36, true)).toBe(0);
  expect([...bytes.subarray(40, 45)]).toEqual([1, 31, 32, 51, 0]);
});

test("what was exported comes back, at any place in a buffer", () => {
  for (const users of [1537, 3072, 100_000]) {
    const sketch = randomSketch(users, users);
    const bytes = new Uint8Array(16_427);
    bytes.set(toDataSketches(sketch), 3);
    const back = fromDataSketches(bytes.subarray(3), keyId);
    expectBytes(back.registers(), sketch.registers());
    back.add(0xffffffc1);
    expectBytes(fromDataSketches(bytes.subarray(3), keyId).registers(), sketch.registers());
  }
});

test.for<[string, Uint8Array]>([
  ["39 bytes", new Uint8Array(39)],
  ["preamble ints 2", altered((bytes) => bytes.fill(2, 0, 1))],
  ["serial version 2", altered((bytes) => bytes.fill(2, 1, 2))],
  ["family 3", altered((bytes) => bytes.fill(3, 2, 3))],
  ["lgK 12", altered((bytes) => bytes.fill(12, 3, 4))],
  ["marked empty", altered((bytes) => bytes.fill(28, 5, 6))],
  ["current minimum 1", altered((bytes) => bytes.fill(1, 6, 7))],
  ["mode (target HLL_8, now HLL) 2", altered((bytes) => bytes.fill(2, 7, 8))],
  ["16423 bytes", altered(() => {}).subarray(0, 16_423)],
  ["above 51", altered((bytes) => bytes.fill(52, 100, 101))],
  ["untouched", altered((bytes) => bytes.fill(0, 40, 140))],
])("bytes are refused for: %s", ([reason, bytes]) => {
  expect(() => fromDataSketches(bytes, keyId)).toThrow(SketchFormatError);
  expect(() => fromDataSketches(bytes, keyId)).toThrow(reason);
});

test("the image of a union that has not counted its untouched registers yet is read", () => {
  const image = altered((bytes) => bytes.fill(56, 5, 6).fill(0, 32, 36));
  expectBytes(fromDataSketches(image, keyId).registers(), randomSketch(5000, 1).registers());
});

test("mutated images are refused or give valid registers", () => {
  const random = randomWords(6);
  const image = toDataSketches(randomSketch(41_000, 1));
  for (let round = 0; round < 500; round++) {
    const bytes = image.slice(0, round % 3 === 0 ? (random() >>> 0) % 16_500 : image.length);
    if (bytes.length > 0) bytes[(random() >>> 0) % Math.min(bytes.length, 60)] = random() & 255;
    try {
      expect(
        fromDataSketches(bytes, keyId)
          .registers()
          .every((rank) => rank <= 51),
      ).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(SketchFormatError);
    }
  }
});
