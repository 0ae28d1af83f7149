import { expect, test } from "vitest";
import {
  countOf,
  entryOf,
  HyperLogLog,
  rankOf,
  registerOf,
  type SipHasher,
} from "../../worker/sketch/index.ts";
import { createLite } from "./lite.ts";
import { collidingIds } from "./murmur-collisions.ts";
import { keyId, seededHasher } from "./random.ts";

/** What somebody who does not know the key uses in its place. */
const attackersHasher = seededHasher(666);

function entryUnder(hasher: SipHasher, id: string): number {
  const hash = new Uint32Array(2);
  hasher.hash(id, hash);
  return entryOf(hash[0]!, hash[1]!);
}

/** The relative error of counting the ids under a key. */
function errorUnder(hasher: SipHasher, ids: readonly string[]): number {
  const sketch = new HyperLogLog(keyId);
  for (const id of ids) sketch.add(entryUnder(hasher, id));
  return sketch.count() / ids.length - 1;
}

test("65,536 ids that hyperloglog-lite counts as one are counted", () => {
  const ids = collidingIds(16);
  expect(new Set(ids).size).toBe(65_536);
  const lite = createLite(14);
  for (const id of ids) lite.add(createLite.hash(id));
  expect(lite.count()).toBe(1);
  for (const key of [1, 2, 3]) expect(Math.abs(errorUnder(seededHasher(key), ids))).toBeLessThan(0.036);
});

test("ids picked for a low rank under another key count as any others", () => {
  const ids: string[] = [];
  for (let i = 0; ids.length < 100_000; i++) {
    const id = `user-${i}`;
    if (rankOf(entryUnder(attackersHasher, id)) === 1) ids.push(id);
  }
  // They would hide five sixths of themselves if the key were known.
  expect(errorUnder(attackersHasher, ids)).toBeLessThan(-0.7);
  for (const key of [1, 2, 3]) expect(Math.abs(errorUnder(seededHasher(key), ids))).toBeLessThan(0.036);
});

test("ids picked for a high rank under another key count as any others", () => {
  const best = new Map<number, { id: string; rank: number }>();
  for (let i = 0; i < 1_000_000; i++) {
    const id = `user-${i}`;
    const entry = entryUnder(attackersHasher, id);
    const rank = rankOf(entry);
    const held = best.get(registerOf(entry));
    if (held === undefined || held.rank < rank) best.set(registerOf(entry), { id, rank });
  }
  const ids = [...best.values()].map(({ id }) => id);
  expect(ids).toHaveLength(16_384);
  // They would look like the million they were picked from if the key were known.
  expect(errorUnder(attackersHasher, ids)).toBeGreaterThan(50);
  for (const key of [1, 2, 3]) expect(Math.abs(errorUnder(seededHasher(key), ids))).toBeLessThan(0.036);
});

test("ids that moved the count under one key are any others under the next", () => {
  // Against a live count that shows each change, an attacker keeps the ids that moved it: none is lost on a fresh sketch.
  const watched = new HyperLogLog(keyId);
  const yesterday = seededHasher(1);
  const kept: string[] = [];
  for (let i = 0; i < 500_000; i++) {
    const id = `bot-${i}`;
    if (watched.add(entryUnder(yesterday, id))) kept.push(id);
  }
  const truth = kept.length;
  const replay = new HyperLogLog(keyId);
  const tomorrow = seededHasher(2);
  for (const id of kept) replay.add(entryUnder(tomorrow, id));
  expect(Math.abs(countOf(replay).count / truth - 1)).toBeLessThan(0.036);
  // Under the same key the few count for all: why `add`'s answer must not get out, and keys must rotate.
  expect(errorUnder(yesterday, kept)).toBeGreaterThan(3);
});
