import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { installationClaim, serverClaim } from "../../worker/ingest/claims.ts";
import { encode } from "../../worker/sketch/index.ts";
import { keyId, randomEntries, sketchOf } from "../sketch/random.ts";
import { MemoryStore } from "../support/memory-store.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 19);
const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
const pairs = 400;

/** A day of an app on which `pairs` people were there under two ids by the same platform; how it counts once these are linked. */
function linked(
  of: number,
  claimOf: (index: number) => Parameters<RollupState["identities"]["movePast"]>[1],
) {
  const state = new RollupState(new MemoryStore(), keyId);
  const entries = randomEntries(of + pairs, 1);
  const all = encode(sketchOf(entries));
  for (const series of [everyone, "platform=web"]) {
    state.absorb([{ kind: "day", start, end: start + dayMs, series, sketch: all }]);
  }
  const counts = () => {
    const scope = { of: "groups", dimension: "platform" } as const;
    const { count, groups } = state.count(start, start + dayMs, start + dayMs, scope);
    return [count!, groups![0]!.count] as const;
  };
  const before = counts();
  for (let pair = 0; pair < pairs; pair++) {
    const user = { entry: entries[of + pair]!, shardHash: of + pair };
    const to = { entry: entries[pair]!, shardHash: pair };
    const change = { do: "link", user, to, onlyIfFree: false } as const;
    state.identities.change([change]);
    state.identities.movePast(change, claimOf(pair));
  }
  const after = counts();
  return after.map((count, index) => before[index]! - count);
}

const named = () => serverClaim({ days: ["2026-11-19"] }, calendar, start + 2 * dayMs);

test("a link moves small groups as it moves everyone", () => {
  expect(linked(1000, named)).toEqual([pairs, pairs]);
});

test("within a large day a link on named days moves everyone, and no group is told to be more than all", () => {
  const [all, group] = linked(20_000, named);
  expect(Math.abs(all! - pairs)).toBeLessThan(2);
  // The group keeps both ids of each pair, and gives way to the whole.
  expect(group).toBe(all);
});

test("within a large day a link beside a beat moves the beat's values too", () => {
  const at = start + dayMs / 2;
  const link = { anonymous: "installation", first: at, days: 1, now: at };
  const moved = linked(20_000, () => installationClaim(link, calendar, at, [everyone, "platform=web"], true));
  for (const count of moved) expect(Math.abs(count - pairs)).toBeLessThan(2);
});
