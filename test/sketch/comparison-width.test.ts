import { expect, test } from "vitest";
import { compare, HyperLogLog } from "../../worker/sketch/index.ts";
import { keyId, randomEntries, sketchOf } from "./random.ts";

const nobody = new HyperLogLog(keyId);
const setOf = (entries: Uint32Array) => ({ added: sketchOf(entries), removed: nobody });

/** Half the width of the interval of those who were resurrected, when they are a share of the people of both weeks. */
function halfWidth(all: number, share: number, seed: number): number {
  const [resurrected, fresh] = [Math.round(share * all), 1800];
  const before = all - resurrected - fresh;
  const entries = randomEntries(all, seed);
  const [was, is] = [entries.subarray(0, before), entries.subarray(Math.round(0.3 * before))];
  const { count, low, high } = compare(
    setOf(was),
    setOf(is),
    setOf(entries.subarray(all - fresh)),
  ).resurrected;
  return (high - low) / 2 / count;
}

test("of those who are back after a pause more is known the larger a share of both weeks they are", () => {
  for (let seed = 1; seed <= 4; seed++) {
    // In so many registers one of them has the highest rank, and that number is a random one.
    const registers = (share: number) => 1.96 / Math.sqrt(16_384 * share);
    for (const share of [0.14, 0.2, 0.3]) {
      const width = halfWidth(31_000, share, seed);
      expect(width).toBeLessThan(registers(share));
      expect(width).toBeLessThan(0.04);
    }
    expect(halfWidth(186_000, 0.18, seed)).toBeLessThan(0.04);
  }
});
