import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import type { MetaStore } from "../../worker/counting/meta-store.ts";
import { isClockSure } from "../../worker/counting/sure-clock.ts";
import { dayMs, hourMs } from "../../worker/limits.ts";
import { encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";

const start = Date.UTC(2026, 10, 20, 12);
/** Rank 1 in some register. */
const someEntry = (12_345 << 6) | 1;
const minuteMs = 60_000;

function memory(): MetaStore {
  const values = new Map<string, unknown>();
  return {
    getMeta: (name) => values.get(name) ?? null,
    putMeta: (name, value) => void values.set(name, value),
  };
}

/** What is said of each instant, one after the other. */
const looks = (...instants: number[]) => {
  const store = memory();
  return instants.map((at) => isClockSure(store, at));
};

test("a clock that goes on by the hour is believed, and so is one that was set back", () => {
  expect(looks(start, start + hourMs, start + 2 * hourMs + 5 * minuteMs)).toEqual([true, true, true]);
  expect(looks(start, start - hourMs, start - 3 * dayMs, start - 3 * dayMs + hourMs)).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test.each([
  ["two days", 2 * dayMs],
  ["three years", 3 * 365 * dayMs],
])("a clock that is ahead by %s for a moment is never believed", (_, aheadMs) => {
  expect(
    looks(
      start,
      start + aheadMs,
      start + aheadMs + 15_000,
      // Another start sees the same, …
      start + aheadMs + 20 * minuteMs,
      // … and further jumps confirm nothing.
      start + 2 * aheadMs,
      start + 2 * aheadMs + 15_000,
      start + hourMs,
      start + 2 * hourMs,
    ),
  ).toEqual([true, false, false, false, false, false, true, true]);
});

test("a jump is confirmed by time passed: after a long stop things expire an hour later", () => {
  const back = start + 10 * dayMs;
  expect(looks(start, back, back + 15_000, back + hourMs, back + 2 * hourMs)).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

test("what is kept outlives a clock that is years ahead, and goes when its time has come", () => {
  const store = new MemoryStore();
  const state = new RollupState(store, 7);
  const sketch = new HyperLogLog(7);
  sketch.add(someEntry);
  const slot = { kind: "slot", series: "", start, end: start + 5 * minuteMs } as const;
  const dayStart = Date.UTC(2026, 10, 20);
  const day = { kind: "day", series: "", start: dayStart, end: dayStart + dayMs } as const;
  state.absorb([slot, day].map((of) => ({ ...of, sketch: encode(sketch) })));
  const alarm = (now: number) => {
    if (isClockSure(store, now)) state.expire(now);
  };
  for (const at of [
    start + hourMs,
    start + 1095 * dayMs,
    start + 1095 * dayMs + 15_000,
    start + 2 * hourMs,
  ]) {
    alarm(at);
  }
  expect([store.getSketch(slot), store.getSketch(day)]).not.toContain(null);
  for (let at = start + 3 * hourMs; at < start + 60 * hourMs; at += hourMs) alarm(at);
  expect(store.getSketch(slot)).toBeNull();
  expect(store.getSketch(day)).not.toBeNull();
});
