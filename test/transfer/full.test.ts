import { expect, test } from "vitest";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { maxAliases } from "../../worker/limits.ts";
import type { ExportRecord } from "../../worker/transfer/export-line.ts";
import { importRecords } from "../../worker/transfer/import-records.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** The store of an app that has so many links beside those that a test makes. */
class CrowdedStore extends MemoryStore {
  readonly #links: number;

  constructor(links: number) {
    super();
    this.#links = links;
  }

  override countAliases(): number {
    return this.#links + super.countAliases();
  }

  override aliasesAfter(seq: number, limit?: number) {
    return super.aliasesAfter(Math.max(0, seq - this.#links), limit);
  }
}

test("an import brings as many links as there is room for, says when there is none, and may be sent again", () => {
  const records: ExportRecord[] = [1, 2, 3].map((person) => ({
    alias: { entry: 64 * person, spread: 0, target: 64 * 9, targetSpread: 0 },
  }));
  const how = { withSettings: false, keyRevision: 0 };
  for (const room of [3, 2]) {
    const store = new CrowdedStore(maxAliases.all - room - 1);
    // Somebody is linked already, so that what is counted begins at 1.
    const state = new RollupState(store, 1);
    const known: ExportRecord = { alias: { entry: 64 * 8, spread: 0, target: 64 * 9, targetSpread: 0 } };
    expect(importRecords(state, store, [known], how, 0)).toBeNull();
    for (let time = 0; time < 2; time++) {
      const complaint = importRecords(state, store, records, how, 0);
      if (room === records.length) expect(complaint).toBeNull();
      else expect(complaint).toContain("500000 links and exclusions");
      expect(store.countAliases()).toBe(maxAliases.all);
    }
  }
});
