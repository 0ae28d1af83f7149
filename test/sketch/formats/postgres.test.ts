import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HyperLogLog, SketchFormatError, toPostgres } from "../../../worker/sketch/index.ts";
import { fromPostgres } from "./from-postgres.ts";
import { keyId, randomSketch, randomWords } from "../random.ts";
import { hasPostgres, RealPostgres } from "./real-postgres.ts";
import { expectBytes } from "../../support/expect-bytes.ts";

// Recorded from PostgreSQL 15 with hll 2.17: hll_empty(14, 5, 0, 1) || hll_hash_text('a') || … 'b' || … 'c', the same with
// 'a' and 'b' at width 6, and at width 5 with explicit storage allowed.
const sparseValue = "138e4047b83a6b87889080";
const sparseWidth6 = "13ae4047b81e2241";
const explicitValue = "128e7f85555565f6597889";

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

function touched(sketch: HyperLogLog): [register: number, rank: number][] {
  return [...sketch.registers().entries()].filter(([, rank]) => rank > 0);
}

test("exported bytes are those that a PostgreSQL 15 took and counted right", () => {
  const prints = [0, 1, 3072, 41_000, 300_000].map((users) => {
    const bytes = toPostgres(randomSketch(users, users));
    expect(bytes).toHaveLength(users === 0 ? 3 : 10_243);
    return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  });
  expect(prints).toEqual([
    "759399c7eb23c4841e47156a1c42be82",
    "59f58cc413c14e9ae5a7140bc20ecb20",
    "28042333fbbcbb46934f1fd93a4873c7",
    "8211be39c1c9ae8219375f77e868b9d1",
    "2de5ba9d8a8df9d9efdef096092d2c3d",
  ]);
});

test("an empty sketch is EMPTY", () => {
  expect(Buffer.from(toPostgres(new HyperLogLog(keyId))).toString("hex")).toBe("118e7f");
  expect(fromPostgres(bytesOf("118e40"), keyId).isEmpty).toBe(true);
});

test("what was exported comes back", () => {
  for (const users of [0, 1, 3072, 100_000]) {
    const sketch = randomSketch(users, users);
    expectBytes(fromPostgres(toPostgres(sketch), keyId).registers(), sketch.registers());
  }
});

test("a rank that five bits do not hold becomes 31", () => {
  const registers = new Uint8Array(16_384);
  registers.set([30, 31, 32, 51], 16_380);
  const back = fromPostgres(toPostgres(HyperLogLog.fromRegisters(registers, keyId)), keyId);
  expect(touched(back)).toEqual([
    [16_380, 30],
    [16_381, 31],
    [16_382, 31],
    [16_383, 31],
  ]);
});

test("a sparse value is read at any width", () => {
  // The registers that hll_print names.
  expect(touched(fromPostgres(bytesOf(sparseValue), keyId))).toEqual([
    [4590, 1],
    [13_527, 1],
    [14_473, 1],
  ]);
  expect(touched(fromPostgres(bytesOf(sparseWidth6), keyId))).toEqual([
    [4590, 1],
    [14_473, 1],
  ]);
});

test.for<[string, Uint8Array]>([
  ["the header alone", bytesOf("118e")],
  ["EXPLICIT", bytesOf(explicitValue)],
  ["2^11 registers", bytesOf("118b7f")],
  ["reserved", bytesOf("118eff")],
  ["type 0x21", bytesOf("218e7f")],
  ["an EMPTY one has 3", bytesOf("118e7f00")],
  ["a FULL one has 10243", toPostgres(randomSketch(10, 1)).subarray(0, 10_242)],
  ["cut off", bytesOf(sparseValue.slice(0, -2))],
  ["cut off", bytesOf(`${sparseValue.slice(0, -2)}81`)],
  ["ascend", bytesOf("138e4047b828f704")],
  ["rank 0", bytesOf("138e4047b800")],
  ["above 51", bytesOf("13ae4047bbf0")],
])("bytes are refused for: %s", ([reason, bytes]) => {
  expect(() => fromPostgres(bytes, keyId)).toThrow(SketchFormatError);
  expect(() => fromPostgres(bytes, keyId)).toThrow(reason);
});

test("random bytes are refused or give valid registers", () => {
  const random = randomWords(5);
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: (random() >>> 0) % 40 }, () => random() & 255);
    bytes.set([0x11 + (round & 3), ((round & 0xe0) | 14) & 255].slice(0, bytes.length));
    try {
      expect(fromPostgres(bytes, keyId).count()).toBeGreaterThanOrEqual(0);
    } catch (error) {
      expect(error).toBeInstanceOf(SketchFormatError);
    }
  }
});

/** The estimator of 2007 as postgresql-hll has it, from our registers. */
function flajolet(registers: Uint8Array): number {
  let sum = 0;
  let untouched = 0;
  for (const rank of registers) {
    sum += 2 ** -Math.min(rank, 31);
    if (rank === 0) untouched++;
  }
  const estimate = ((0.7213 / (1 + 1.079 / 16_384)) * 16_384 ** 2) / sum;
  return untouched > 0 && estimate < 2.5 * 16_384 ? 16_384 * Math.log(16_384 / untouched) : estimate;
}

if (!hasPostgres) console.warn("Skipped: there is no PostgreSQL with hll on this machine to compare with.");

describe.skipIf(!hasPostgres)("a real PostgreSQL with hll", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await RealPostgres.start();
    postgres.query("CREATE TABLE days (day int, users hll(14, 5, -1, 1))");
  });
  afterAll(() => postgres.stop());

  function insert(day: number, sketch: HyperLogLog): void {
    const hex = Buffer.from(toPostgres(sketch)).toString("hex");
    postgres.query(`INSERT INTO days VALUES (${day}, '\\x${hex}'::bytea::hll)`);
  }

  test("counts an exported sketch as its formula counts our registers", () => {
    for (const users of [0, 1, 10, 100, 1000, 3072, 3073, 10_000, 41_000, 60_000, 100_000, 1_000_000]) {
      const sketch = randomSketch(users, users);
      insert(users, sketch);
      const counted = Number(postgres.query(`SELECT hll_cardinality(users) FROM days WHERE day = ${users}`));
      const wanted = flajolet(sketch.registers());
      expect(Math.abs(counted - wanted), `${users} users`).toBeLessThanOrEqual(1e-9 * wanted);
    }
  });

  test("unites exported sketches to the registers of our union", () => {
    const days = [20_000, 41_000, 300_000].map((users) => randomSketch(users, users + 1));
    for (const [day, sketch] of days.entries()) insert(-1 - day, sketch);
    const printed = postgres.query("SELECT hll_union_agg(users) FROM days WHERE day < 0");
    const union = HyperLogLog.union(days, keyId);
    expectBytes(fromPostgres(bytesOf(printed.slice(2)), keyId).registers(), union.registers());
  });

  test("writes values of its own that we count as it does", () => {
    for (const users of [0, 1, 20, 800, 30_000]) {
      const [printed, counted] = postgres
        .query(
          `SELECT h, hll_cardinality(h) FROM (SELECT coalesce(hll_add_agg(hll_hash_integer(i), 14, 5, 0, 1),
           hll_empty(14, 5, 0, 1)) h FROM generate_series(1, ${users}) i) s`,
        )
        .split("|");
      const wanted = flajolet(fromPostgres(bytesOf(printed!.slice(2)), 1).registers());
      expect(Math.abs(Number(counted) - wanted)).toBeLessThanOrEqual(1e-9 * wanted);
    }
  });
});
