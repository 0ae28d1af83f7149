import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { HyperLogLog, PowerUserCurve } from "../../worker/sketch/index.ts";
import { keyId } from "./random.ts";
import { setsOf } from "./worlds.ts";

function bitsIn(days: number): number {
  return days.toString(2).replaceAll("0", "").length;
}

test("the curve of small days is exact, without who was removed", () => {
  const patterns = array(integer({ min: 1, max: 2 ** 7 - 1 }), { minLength: 1, maxLength: 200 });
  assert(
    property(patterns, patterns, integer({ min: 1, max: 99 }), (stay, gone, seed) => {
      // Who is gone was removed from all their days.
      const people = Int32Array.from([...stay, ...gone.map((days) => days | (days << 7))]);
      const curve = new PowerUserCurve(setsOf(people, 7, seed));
      const exact = (n: number) => ({ count: n, low: n, high: n });
      expect(curve.people).toEqual(exact(stay.length));
      for (let n = 1; n <= 7; n++) {
        const count = stay.filter((days) => bitsIn(days) === n).length;
        const { people: on, share } = curve.between(n, n);
        expect(on).toEqual(exact(count));
        expect(share).toEqual({
          value: count / stay.length,
          low: count / stay.length,
          high: count / stay.length,
        });
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

test("bars add up to all people, large or small", () => {
  for (const size of [1000, 40_000]) {
    const people = Int32Array.from({ length: size }, (_, i) => 1 + ((i * 2_654_435_761) % 127));
    const curve = new PowerUserCurve(setsOf(people, 7, 1));
    const all = Array.from({ length: 7 }, (_, n) => curve.between(n + 1, n + 1).people.count);
    const sum = all.reduce((total, count) => total + count, 0);
    expect(Math.abs(sum - curve.people.count)).toBeLessThanOrEqual(7);
    expect(curve.between(1, 7).share.value).toBeCloseTo(1, 9);
    expect(curve.between(8, 31).people).toEqual({ count: 0, low: 0, high: 0 });
  }
});

test("of large days who was removed is taken away", () => {
  const trials = 60;
  let [covered, squares] = [0, 0];
  // 30,000 of one day and 10,000 of three stay; 9,000 of two and 4,000 of three were removed.
  const groups = [
    [0b0000001, 30_000],
    [0b0010110, 10_000],
    [0b1100000 | (0b1100000 << 7), 9000],
    [0b0000111 | (0b0000111 << 7), 4000],
  ] as const;
  const people = Int32Array.from(groups.flatMap(([bits, n]) => Array.from({ length: n }, () => bits)));
  for (let seed = 1; seed <= trials; seed++) {
    const { share } = new PowerUserCurve(setsOf(people, 7, seed)).between(3, 3);
    if (share.low <= 0.25 && 0.25 <= share.high) covered++;
    squares += (share.value - 0.25) ** 2;
  }
  expect(covered / trials).toBeGreaterThan(0.88);
  expect(Math.sqrt(squares / trials)).toBeLessThan(0.008);
});

test("no days and no people have an empty curve", () => {
  const nobody = { added: new HyperLogLog(keyId), removed: new HyperLogLog(keyId) };
  for (const curve of [new PowerUserCurve([]), new PowerUserCurve([nobody, nobody])]) {
    expect(curve.people).toEqual({ count: 0, low: 0, high: 0 });
    expect(curve.between(1, 28).share).toEqual({ value: 0, low: 0, high: 0 });
  }
});

test("more than 31 days are refused", () => {
  const nobody = { added: new HyperLogLog(keyId), removed: new HyperLogLog(keyId) };
  expect(() => new PowerUserCurve(Array.from({ length: 32 }, () => nobody))).toThrow(RangeError);
});
