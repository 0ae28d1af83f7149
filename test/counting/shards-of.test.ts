import fc from "fast-check";
import { expect, test } from "vitest";
import { shardsOf } from "../../worker/counting/shards-of.ts";
import { maxShards } from "../../worker/limits.ts";

const hashes = fc.integer({ min: 0, max: 0xffffffff });
const powers = fc.integer({ min: 0, max: Math.log2(maxShards) }).map((power) => 2 ** power);

test("a user's shards are those to which some number of shards, now or before, sends them, each named once", () => {
  fc.assert(
    fc.property(hashes, powers, (shardHash, shardsEver) => {
      const bits = shardHash.toString(2).padStart(32, "0");
      // The last bits of a hash, read by hand: a remainder by a power of two is nothing else.
      const truth = new Set<number>();
      for (let power = 0; 2 ** power <= shardsEver; power++) {
        truth.add(power === 0 ? 0 : Number.parseInt(bits.slice(-power), 2));
      }
      const shards = shardsOf(shardHash, shardsEver);
      expect(shards.toSorted((a, b) => a - b)).toEqual([...truth].toSorted((a, b) => a - b));
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test("an app with one shard has everybody in it", () => {
  expect(shardsOf(0xffffffff, 1)).toEqual([0]);
});
