import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { engagement } from "../../worker/query/engagement.ts";
import { encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";

const dayMs = 86_400_000;
const midnight = Date.UTC(2026, 10, 20);
const now = midnight + dayMs / 2;

/** An app that the same people have used each day for so long. */
function steady(days: number): RollupState {
  const state = new RollupState(new MemoryStore(), 1);
  const sketch = new HyperLogLog(1);
  for (let person = 0; person < 50; person++) sketch.add(entryOf(person * 0x5000013, person));
  for (let ago = 0; ago < days; ago++) {
    const start = midnight - ago * dayMs;
    state.absorb([{ kind: "day", start, end: start + dayMs, series: everyone, sketch: encode(sketch) }]);
    for (let hour = start; hour < start + dayMs; hour += 3_600_000) {
      state.absorb([
        { kind: "hour", start: hour, end: hour + 3_600_000, series: everyone, sketch: encode(sketch) },
      ]);
    }
  }
  return state;
}

test("an app that is used as ever does not grow, and one that is young has nothing to grow from", () => {
  const rows = (days: number) =>
    Object.fromEntries(engagement(steady(days), { of: "everyone" }, now).map((row) => [row.metric, row]));
  expect(rows(70)).toMatchObject({
    dau: { count: 50, growth: 0 },
    wau: { count: 50, growth: 0 },
    mau: { count: 50, growth: 0 },
    stickiness: { value: 100, growth: 0 },
  });
  const young = { value: null, reason: "the previous window begins before the first activity" };
  expect(rows(40)).toMatchObject({
    wau: { growth: 0 },
    mau: { count: 50, growth: null, growthInterval: young },
    stickiness: { value: 100, growth: null, growthInterval: young },
  });
});

test("a window and the one before are of the same length, and meet", () => {
  for (const row of engagement(steady(70), { of: "everyone" }, now)) {
    if (!("window" in row)) continue;
    expect(row.previous.to).toBe(row.from);
    const length = (from: string, to: string) => Date.parse(to) - Date.parse(from);
    expect(length(row.previous.from, row.previous.to)).toBe(length(row.from, row.to));
  }
});
