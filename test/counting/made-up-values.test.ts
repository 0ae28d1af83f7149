import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { ShardState } from "../../worker/counting/shard-state.ts";
import { decodeParts, encodeParts, type SketchPart } from "../../worker/counting/sketch-parts.ts";
import { partsPerAbsorb } from "../../worker/limits.ts";
import { encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryLog, MemoryStore } from "../support/memory-store.ts";

const keyId = 7;
const dayMs = 86_400_000;
const start = Date.parse("2026-11-20T00:00:00Z");
const period = { kind: "day" as const, start, end: start + dayMs };

test("20,000 made-up values reach the roll-up in turns, and leave room for what somebody vouches for", async () => {
  const [log, rollup] = [new MemoryLog(), new RollupState(new MemoryStore(), keyId)];
  let shard = new ShardState(log, keyId);
  const sizes: number[] = [];
  const push = () =>
    shard.push(async (parts) => {
      sizes.push(parts.length);
      rollup.absorb(parts);
    }, start);
  for (let value = 0; value < 20_000; value++) {
    const entries = Uint32Array.of(((value + 1) << 6) | 1);
    shard.record([{ ...period, series: `plan=x-${value}`, entries }]);
  }
  shard.commit();
  await push();
  shard.record([{ ...period, series: "plan=real", entries: Uint32Array.of(65), isProven: true }]);
  shard.commit();
  // What was proven is so still where the object is restarted in between.
  shard = new ShardState(log, keyId);
  await push();
  expect(Math.max(...sizes)).toBe(partsPerAbsorb);
  expect(sizes).toHaveLength(21);
  const scope = { of: "groups" as const, dimension: "plan" };
  const { groups = [] } = rollup.count(start, start + dayMs, start + dayMs, scope);
  expect(groups).toHaveLength(1002);
  expect(groups.find(({ value }) => value === "real")?.count).toBe(1);
});

test("a push that fails between two turns is sent again as a whole", async () => {
  const shard = new ShardState(new MemoryLog(), keyId);
  const entries = Uint32Array.of(65);
  const all = Array.from({ length: 2500 }, (_, value) => ({ ...period, series: `plan=${value}`, entries }));
  shard.record(all);
  shard.commit();
  const seen = new Set<string>();
  let calls = 0;
  const absorb = async (parts: SketchPart[]) => {
    if (++calls === 2) throw new Error("the roll-up is gone");
    for (const { series } of parts) seen.add(series);
  };
  await expect(shard.push(absorb, start)).rejects.toThrow("gone");
  await shard.push(absorb, start);
  expect([calls, seen.size, shard.hasPending]).toEqual([5, 2500, false]);
});

test("a row of the log of the first release is read, and nothing in it is proven", () => {
  const sketch = new HyperLogLog(keyId);
  sketch.add(65);
  const part = { ...period, series: "plan=a", sketch: encode(sketch) };
  const row = encodeParts([part]);
  expect(decodeParts(row)).toEqual([part]);
  row[0] = 1;
  expect(decodeParts(row)).toEqual([part]);
  expect(decodeParts(encodeParts([{ ...part, isProven: true }]))).toEqual([{ ...part, isProven: true }]);
});
