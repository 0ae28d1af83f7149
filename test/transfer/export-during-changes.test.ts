import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { serverClaim } from "../../worker/ingest/claims.ts";
import { encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import type { ExportRecord } from "../../worker/transfer/export-line.ts";
import { exportPage } from "../../worker/transfer/export-page.ts";
import { importRecords } from "../../worker/transfer/import-records.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { MemoryExportStore } from "./export-store.ts";

const keyId = 3;
const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 19);
const users = Array.from({ length: 40 }, (_, index) => ({
  entry: entryOf(index * 0x3000017, index),
  shardHash: 0,
}));

test("whoever is excluded or linked while an app is exported is taken from no count that they are not in", () => {
  for (let moment = 1; moment < 12; moment++) {
    const store = new MemoryExportStore();
    const state = new RollupState(store, keyId);
    for (const [index, { entry }] of users.entries()) {
      const day = start + (index % 4) * dayMs;
      const sketch = new HyperLogLog(keyId);
      sketch.add(entry);
      state.absorb([{ kind: "day", start: day, end: day + dayMs, series: "", sketch: encode(sketch) }]);
    }
    const records: ExportRecord[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      if (page === moment) {
        for (const [index, user] of users.slice(0, 10).entries()) {
          const to = users[index + 21] as (typeof users)[number];
          const change =
            index % 2
              ? ({ do: "exclude", user } as const)
              : ({ do: "link", user, to, onlyIfFree: false } as const);
          state.identities.change([change]);
          state.identities.movePast(change, serverClaim({ days: null }, state.calendar, start + 4 * dayMs));
        }
      }
      const lines = exportPage(state, store, "app", cursor, 1);
      if (lines.length === 0) break;
      records.push(...lines.map(({ record }) => record));
      cursor = lines.at(-1)?.cursor ?? "";
    }
    const copyStore = new MemoryStore();
    const copy = new RollupState(copyStore, keyId);
    expect(
      importRecords(copy, copyStore, records, { withSettings: false, keyRevision: 0 }, start + 4 * dayMs),
    ).toBeNull();
    for (let day = start; day < start + 4 * dayMs; day += dayMs) {
      const count = (of: RollupState) => of.count(day, day + dayMs, start + 5 * dayMs).count ?? 0;
      expect([moment, count(copy)]).toEqual([moment, expect.any(Number)]);
      expect(count(copy)).toBeGreaterThanOrEqual(count(state));
    }
  }
});
