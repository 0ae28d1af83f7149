import { expect, test } from "vitest";
import { entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import { createLite } from "./lite.ts";
import { hashOfLiteWords, liteWordsOf } from "./lite-words.ts";
import { keyId, randomWords } from "./random.ts";

// Differential: another implementation, the package's own code, fed the same hash bits.

test.for([100, 3072, 3073, 41_000, 300_000])("%i hashes give the registers of hyperloglog-lite", (users) => {
  const random = randomWords(users);
  const lite = createLite(14);
  const sketch = new HyperLogLog(keyId);
  for (let user = 0; user < users; user++) {
    const hi = random() >>> 0;
    const lo = random() >>> 0;
    lite.add(liteWordsOf(hi, lo));
    sketch.add(entryOf(hi, lo));
  }
  expect(differences(sketch.registers(), lite.output().buckets)).toBe(0);
});

test("ranks up to the last agree with hyperloglog-lite", () => {
  for (let zeros = 0; zeros <= 50; zeros++) {
    // Register 5, so many zeros, then ones.
    const hash = (5n << 50n) | ((1n << BigInt(50 - zeros)) - 1n);
    const hi = Number(hash >> 32n);
    const lo = Number(hash & 0xffffffffn);
    const lite = createLite(14);
    const sketch = new HyperLogLog(keyId);
    lite.add(liteWordsOf(hi, lo));
    sketch.add(entryOf(hi, lo));
    expect(sketch.registers()[5]).toBe(zeros + 1);
    expect(differences(sketch.registers(), lite.output().buckets)).toBe(0);
  }
});

test("ids under the package's own hash give its registers, and unions of them its merged ones", () => {
  const days = [0, 20_000].map((first) => {
    const lite = createLite(14);
    const sketch = new HyperLogLog(keyId);
    for (let user = first; user < first + 30_000; user++) {
      const words = createLite.hash(`user_${user}`);
      lite.add(words);
      sketch.add(entryOf(...hashOfLiteWords(words)));
    }
    return { lite, sketch };
  });
  const [monday, tuesday] = days;
  monday!.lite.merge(tuesday!.lite.output());
  monday!.sketch.merge(tuesday!.sketch);
  expect(differences(monday!.sketch.registers(), monday!.lite.output().buckets)).toBe(0);
});

test("around 41,000 users the error is less than a third of hyperloglog-lite's", () => {
  const users = 41_000;
  let ours = 0;
  let theirs = 0;
  for (let trial = 0; trial < 200; trial++) {
    const random = randomWords(trial);
    const lite = createLite(14);
    const sketch = new HyperLogLog(keyId);
    for (let user = 0; user < users; user++) {
      const hi = random();
      const lo = random();
      sketch.add(entryOf(hi, lo));
    }
    // Merging is its one way to take registers, which the tests above show to be those it would have.
    lite.merge({ n: 14, buckets: sketch.registers() });
    ours += (sketch.count() / users - 1) ** 2;
    theirs += (lite.count() / users - 1) ** 2;
  }
  expect(Math.sqrt(theirs / ours)).toBeGreaterThan(3);
});

function differences(ours: Uint8Array, theirs: Uint8Array): number {
  expect(theirs).toHaveLength(ours.length);
  return ours.reduce((sum, rank, register) => sum + (rank === theirs[register] ? 0 : 1), 0);
}
