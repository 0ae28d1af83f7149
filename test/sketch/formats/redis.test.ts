import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encode, HyperLogLog, SketchFormatError, toRedis } from "../../../worker/sketch/index.ts";
import { fromRedis } from "./from-redis.ts";
import { keyId, randomEntries, randomSketch, randomWords, sketchOf } from "../random.ts";
import { hasRedis, RealRedis } from "./real-redis.ts";
import { expectBytes } from "../../support/expect-bytes.ts";

/** `PFADD k a b c d` then `GET k`, recorded from Redis 7.0.15: opcodes XZERO and VAL. */
const sparseValue = "48594c4c0100000000000000000000805c7b8044768050b1844bfb80425a";

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** A sparse value of the given opcodes. */
function sparseOf(...opcodes: number[]): Uint8Array {
  return Uint8Array.from([...bytesOf(sparseValue).subarray(0, 16), ...opcodes]);
}

test("exported bytes are those that a Redis 7.0.15 took and counted right", () => {
  const prints = [0, 1, 3072, 41_000, 300_000].map((users) => {
    const bytes = toRedis(randomSketch(users, users));
    expect(bytes).toHaveLength(12_304);
    return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  });
  expect(prints).toEqual([
    "379a333a657bcfbb7172b84b9895ec97",
    "c2a6d535a4d6cbc185957e3c91d5dd64",
    "57a41309c44da84b35811010ebc1e9ec",
    "516c9d95ac2835268e0ea6ee59fcf6f3",
    "2d6555b17d6eab6839b20f3a24d5a40b",
  ]);
});

test("the packed registers are those of our own form", () => {
  const sketch = randomSketch(5000, 1);
  expect(toRedis(sketch).subarray(16)).toEqual(encode(sketch).subarray(24));
});

test("what was exported comes back", () => {
  for (const users of [0, 1, 3072, 3073, 100_000]) {
    const sketch = randomSketch(users, users);
    const back = fromRedis(toRedis(sketch), keyId);
    expectBytes(back.registers(), sketch.registers());
    expect(back.isEmpty).toBe(users === 0);
    expect(back.keyId).toBe(keyId);
  }
});

test("a sparse value is read", () => {
  const registers = fromRedis(bytesOf(sparseValue), keyId).registers();
  const touched = [...registers.entries()].filter(([, rank]) => rank > 0);
  expect(touched).toEqual([
    [7292, 1],
    [8436, 1],
    [12_711, 2],
    [15_780, 1],
  ]);
});

test("each opcode of a sparse value covers the registers it says", () => {
  // ZERO 64, VAL 4 of rank 32, VAL 1 of rank 1, XZERO 16,315.
  const registers = fromRedis(sparseOf(0x3f, 0xff, 0x80, 0x7f, 0xba), keyId).registers();
  expect([...registers.subarray(63, 70)]).toEqual([0, 32, 32, 32, 32, 1, 0]);
  expect(fromRedis(sparseOf(0x7f, 0xff), keyId).isEmpty).toBe(true);
});

test.for<[string, Uint8Array]>([
  ["HYLL", new Uint8Array(3)],
  ["HYLL", encode(randomSketch(5000, 1))],
  ["encoding 2", bytesOf("48594c4c02000000000000000000008000")],
  ["12304", toRedis(randomSketch(5000, 1)).subarray(0, 12_303)],
  ["above 51", toRedis(randomSketch(5000, 1)).fill(0xff, 16)],
  ["cut off", sparseOf(0x7f)],
  ["past register", sparseOf(0x7f, 0xff, 0x00)],
  ["past register", sparseOf(0x7f, 0xfe, 0x81)],
  ["end after 16383", sparseOf(0x7f, 0xfe)],
  ["end after 0", sparseOf()],
])("bytes are refused for: %s", ([reason, bytes]) => {
  expect(() => fromRedis(bytes, keyId)).toThrow(SketchFormatError);
  expect(() => fromRedis(bytes, keyId)).toThrow(reason);
});

test("random opcodes are refused or give valid registers", () => {
  const random = randomWords(3);
  for (let round = 0; round < 5000; round++) {
    const opcodes = Array.from({ length: (random() >>> 0) % 300 }, () => random() & 255);
    try {
      expect(fromRedis(sparseOf(...opcodes, 0x7f, 0xff), keyId).count()).toBeGreaterThanOrEqual(0);
    } catch (error) {
      expect(error).toBeInstanceOf(SketchFormatError);
    }
  }
});

if (!hasRedis) console.warn("Skipped: there is no redis-server on this machine to compare with.");

describe.skipIf(!hasRedis)("a real Redis", () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());

  test("counts an exported sketch as we count its registers", async () => {
    for (const users of [0, 1, 10, 100, 1000, 3072, 3073, 10_000, 41_000, 60_000, 100_000, 1_000_000]) {
      const sketch = HyperLogLog.fromRegisters(randomSketch(users, users).registers(), keyId);
      await redis.send("SET", "day", toRedis(sketch));
      expect(await redis.send("PFCOUNT", "day"), `${users} users`).toBe(Math.round(sketch.count()));
    }
  });

  test("merges exported sketches to the registers of our union", async () => {
    for (const sizes of [
      [5, 100],
      [3000, 50_000],
      [20_000, 41_000, 300_000],
    ]) {
      const days = sizes.map((users) => randomSketch(users, users));
      const keys = days.map((_, day) => `day:${day}`);
      for (const [day, sketch] of days.entries()) await redis.send("SET", keys[day]!, toRedis(sketch));
      await redis.send("DEL", "month");
      await redis.send("PFMERGE", "month", ...keys);
      const union = HyperLogLog.union(days, keyId);
      expectBytes(fromRedis(await redis.bytes("month"), keyId).registers(), union.registers());
    }
  });

  test("writes sparse values that we read as it reads them itself", async () => {
    for (const users of [0, 1, 10, 300, 900]) {
      await redis.send("DEL", "own");
      await redis.send("PFADD", "own", ...Array.from({ length: users }, (_, user) => `user-${user}`));
      const sparse = await redis.bytes("own");
      expect(sparse[4]).toBe(1);
      const sketch = fromRedis(sparse, 1);
      expect(await redis.send("PFCOUNT", "own")).toBe(Math.round(sketch.count()));
      await redis.send("PFDEBUG", "TODENSE", "own");
      const dense = await redis.bytes("own");
      expect(dense[4]).toBe(0);
      expectBytes(fromRedis(dense, 1).registers(), sketch.registers());
    }
  });

  test("gives back the very bytes of what it merged from one sketch", async () => {
    const sketch = sketchOf(randomEntries(20_000, 8));
    await redis.send("SET", "day", toRedis(sketch));
    await redis.send("DEL", "copy");
    await redis.send("PFMERGE", "copy", "day");
    expect(new Uint8Array(await redis.bytes("copy")).subarray(16)).toEqual(toRedis(sketch).subarray(16));
  });
});
