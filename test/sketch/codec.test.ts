import { createHash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { decode, encode, entryOf, HyperLogLog, SketchFormatError } from "../../worker/sketch/index.ts";
import { crc32 } from "../../worker/sketch/crc32.ts";
import { keyId, randomSketch, randomWords, seededHasher } from "./random.ts";
import { expectBytes } from "../support/expect-bytes.ts";

const sizes = [0, 1, 2, 100, 3071, 3072, 3073, 10_000, 100_000];

/** Writes the checksum that belongs to the bytes, from another implementation. */
function seal(bytes: Uint8Array): Uint8Array {
  const sum = zlibCrc32(bytes.subarray(20), zlibCrc32(bytes.subarray(0, 16)));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, sum, true);
  return bytes;
}

function altered(users: number, alter: (view: DataView) => void): Uint8Array {
  const bytes = encode(randomSketch(users, 1));
  alter(new DataView(bytes.buffer));
  return seal(bytes);
}

test("sketches of every size come back as they were, at any place in a buffer", () => {
  for (const users of sizes) {
    const sketch = randomSketch(users, users + 1);
    const bytes = encode(sketch);
    const back = decode(bytes);
    expectBytes(encode(back), bytes);
    expect(back.keyId).toBe(keyId);
    expect(back.count()).toBe(sketch.count());
    expect(back.isSparse).toBe(sketch.isSparse);
    const moved = new Uint8Array(bytes.length + 9).fill(255);
    moved.set(bytes, 5);
    expectBytes(encode(decode(moved.subarray(5, 5 + bytes.length))), bytes);
  }
});

test("a sketch is 24 bytes, 4 for each entry while sparse, and 12,312 when dense", () => {
  expect(sizes.map((users) => encode(randomSketch(users, 1)).length)).toEqual([
    24, 28, 32, 424, 12_308, 12_312, 12_312, 12_312, 12_312,
  ]);
});

test("the bytes of two users are these", () => {
  const sketch = new HyperLogLog(0x01020304);
  sketch.add(entryOf(0xdeadbeef, 0));
  sketch.add(entryOf(0x00000040, 1));
  expect(Buffer.from(encode(sketch)).toString("hex")).toBe(
    [
      "48435331",
      "01",
      "0e",
      "01",
      "00",
      "04030201",
      "02000000",
      "52609ade",
      "00000000",
      "66000000",
      "c1beadde",
    ].join(""),
  );
});

test("encoded states are those of the first release", () => {
  const hasher = seededHasher(2026);
  const hash = new Uint32Array(2);
  const prints = [0, 1, 100, 3072, 3073, 41_000, 1_000_000].map((users) => {
    const sketch = new HyperLogLog(keyId);
    for (let user = 0; user < users; user++) {
      hasher.hash(`user-${user}`, hash);
      sketch.add(entryOf(hash[0]!, hash[1]!));
    }
    return createHash("sha256").update(encode(sketch)).digest("hex").slice(0, 32);
  });
  expect(prints).toEqual([
    "af29604ff0d5218e21d091dd89b99ae0",
    "4cdc1b140983d3581fafbf52d25f5d6e",
    "7074eb28d5b8f5bd4afc47c4384b598d",
    "47599faf627b0b72e92a5731e33b931f",
    "9d093a873615e9ceaf2fe9292ca1c718",
    "a4b9962ee8194118a95a3511d356e600",
    "dc1f8a6611c95181376a2011f5403c04",
  ]);
});

test("the checksum is the CRC-32 of zip, at every length and place", () => {
  const random = randomWords(4);
  const bytes = Uint8Array.from({ length: 300 }, () => random() & 255);
  for (let from = 0; from < 9; from++) {
    for (let to = from; to <= bytes.length; to += 7) {
      expect(crc32(bytes.subarray(from, to))).toBe(zlibCrc32(bytes.subarray(from, to)));
    }
  }
  expect(crc32(bytes.subarray(100), crc32(bytes.subarray(0, 100)))).toBe(zlibCrc32(bytes));
});

test.for<[string, Uint8Array]>([
  ["0 bytes", new Uint8Array(0)],
  ["23 bytes", encode(new HyperLogLog(1)).subarray(0, 23)],
  ['"HCS1"', altered(100, (view) => view.setUint8(3, 0x32))],
  ["kind 3", altered(100, (view) => view.setUint8(4, 3))],
  ["count 100", altered(100, (view) => view.setUint8(4, 0))],
  ["count 100", altered(100, (view) => view.setUint8(4, 2))],
  ["precision 15", altered(100, (view) => view.setUint8(5, 15))],
  ["hash 2", altered(100, (view) => view.setUint8(6, 2))],
  ["flags 1", altered(100, (view) => view.setUint8(7, 1))],
  ["by its header it has 428", altered(100, (view) => view.setUint32(12, 101, true))],
  ["count 0", altered(100, (view) => view.setUint32(12, 0, true))],
  ["count 3073", altered(100, (view) => view.setUint32(12, 3073, true))],
  ["reserved", altered(100, (view) => view.setUint32(20, 1, true))],
  ["ascend", altered(100, (view) => view.setUint32(24, 0xffffffc1, true))],
  ["ascend", altered(100, (view) => view.setUint32(24, view.getUint32(28, true), true))],
  ["ascend", altered(100, (view) => view.setUint32(24, view.getUint32(28, true) ^ 2, true))],
  ["rank 0", altered(100, (view) => view.setUint8(24, view.getUint8(24) & 0xc0))],
  ["rank 40", altered(100, (view) => view.setUint8(24, (view.getUint8(24) & 0xc0) | 40))],
  ["register above 51", altered(5000, (view) => view.setUint8(24, 52))],
  ["without a user", altered(5000, (view) => new Uint8Array(view.buffer, 24).fill(0))],
  ["by its header it has 12312", altered(5000, (view) => view.setUint8(4, 2)).subarray(0, 12_311)],
])("bytes are refused for: %s", ([reason, bytes]) => {
  expect(() => decode(bytes)).toThrow(SketchFormatError);
  expect(() => decode(bytes)).toThrow(reason);
});

test("any one bit the other way is refused", () => {
  for (const users of [0, 50, 5000]) {
    const bytes = encode(randomSketch(users, 7));
    for (let bit = 0; bit < bytes.length * 8; bit += bit < 2000 ? 1 : 61) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      expect(() => decode(bytes), `bit ${bit}`).toThrow(SketchFormatError);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
    }
    expectBytes(encode(decode(bytes)), bytes);
  }
});

test("a hundred thousand broken inputs are refused or are valid, canonical sketches", () => {
  const random = randomWords(2026);
  const below = (limit: number): number => (random() >>> 0) % limit;
  const originals = [0, 1, 3, 20, 200, 3072, 5000].map((users) => encode(randomSketch(users, users)));
  let accepted = 0;
  for (let round = 0; round < 100_000; round++) {
    const original = originals[below(round % 20 === 0 ? 7 : 5)]!;
    let bytes = round % 10 === 0 ? new Uint8Array(below(80)).map(() => below(256)) : original.slice();
    for (let change = below(4); change > 0 && bytes.length > 0; change--) {
      // Near the front, where the fields are, more often than not.
      const at = below(change % 2 === 0 ? bytes.length : Math.min(bytes.length, 40));
      bytes[at] = change === 3 ? below(256) : bytes[at]! ^ (1 << below(8));
    }
    if (below(8) === 0) bytes = bytes.slice(0, below(bytes.length + 1));
    // A true checksum over false content reaches the checks behind it.
    if (bytes.length >= 24 && below(3) > 0) seal(bytes);
    const sketch = decodeOrRefuse(bytes);
    if (sketch === undefined) continue;
    accepted++;
    if (Buffer.compare(encode(sketch), bytes) !== 0) expect.fail(`not canonical in round ${round}`);
    for (const rank of sketch.registers()) if (rank > 51) expect.fail(`register above 51 in round ${round}`);
    if (!(sketch.count() >= 0)) expect.fail(`count ${sketch.count()} in round ${round}`);
  }
  expect(accepted).toBeGreaterThan(10_000);
});

/** The sketch, or undefined when refused; any error but a refusal goes on. */
function decodeOrRefuse(bytes: Uint8Array): HyperLogLog | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof SketchFormatError) return undefined;
    throw error;
  }
}
