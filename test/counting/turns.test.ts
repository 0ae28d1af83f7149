import { expect, test } from "vitest";
import { RollupState, type WindowCount } from "../../worker/counting/rollup-state.ts";
import type { SeriesPeriod } from "../../worker/counting/sketch-parts.ts";
import { atOnce, inTurns, type Turns } from "../../worker/counting/turns.ts";
import { readsPerTurn } from "../../worker/limits.ts";
import { engagementTurns } from "../../worker/query/engagement.ts";
import { timeseriesTurns } from "../../worker/query/timeseries.ts";
import { encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";

const keyId = 7;
const dayMs = 86_400_000;
const start = Date.parse("2026-11-20T00:00:00Z");
const now = start + dayMs - 1;
const scope = { of: "groups" as const, dimension: "plan" };

/** Counts how often sketches are looked up. */
class CountedStore extends MemoryStore {
  reads = 0;
  override getSketch(of: SeriesPeriod): Uint8Array | null {
    this.reads++;
    return super.getSketch(of);
  }
}

function newState(values: number, days: number) {
  const store = new CountedStore();
  const state = new RollupState(store, keyId);
  for (let day = 0; day < days; day++) {
    const of = { kind: "day" as const, start: start - day * dayMs, end: start - day * dayMs + dayMs };
    const parts = Array.from({ length: values }, (_, value) => {
      const sketch = new HyperLogLog(keyId);
      sketch.add(((value + 1) << 6) | 1);
      return { ...of, series: `plan=${value}`, sketch: encode(sketch) };
    });
    state.absorb([...parts, ...parts.slice(0, 1).map((part) => ({ ...part, series: "" }))]);
  }
  state.forget();
  return { store, state };
}

test("a split of many values is found in turns, each of which reads no more than it may", () => {
  const { store, state } = newState(500, 4);
  const questions: [string, () => Turns<unknown>, number][] = [
    ["count", () => state.counting(start - 3 * dayMs, now, now, scope, "between"), 0],
    // Beside the last values of one window, all that is told of everyone.
    ["engagement", () => engagementTurns(state, scope, now), 500],
    [
      "timeseries",
      () =>
        timeseriesTurns(
          state,
          { metric: "dau", from: start - 3 * dayMs, to: now, series: "", by: "plan" },
          now,
        ),
      0,
    ],
  ];
  for (const [name, ask, others] of questions) {
    state.forget();
    const turns = ask();
    let [count, most] = [0, 0];
    for (let isOver = false; !isOver; count++) {
      store.reads = 0;
      isOver = turns.next().done ?? false;
      most = Math.max(most, store.reads);
    }
    expect([name, count]).toEqual([name, expect.any(Number)]);
    expect(count).toBeGreaterThan(4);
    // A window begins in the turn in which the one before it ends, and sums are read at both sides: added and removed.
    expect(most).toBeLessThanOrEqual(2 * readsPerTurn + others);
  }
});

test("in turns and at once are the same answer", async () => {
  const { state } = newState(300, 3);
  const ask = () => state.counting(start - 2 * dayMs, now, now, scope);
  let rests = 0;
  const answer: WindowCount = await inTurns(ask(), async () => void rests++);
  expect(answer).toEqual(atOnce(ask()));
  expect([answer.groups?.length, rests > 3]).toEqual([300, true]);
});
