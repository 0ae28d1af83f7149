import { encodeBase64 } from "../bytes.ts";
import { Annotations } from "../counting/annotations.ts";
import type { AliasStore } from "../counting/aliases.ts";
import type { DayRow } from "../counting/history.ts";
import type { MetaStore } from "../counting/meta-store.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import type { Cursor, ExportRecord } from "./export-line.ts";

/** What an export reads of a roll-up's store, each in an order that stays. */
export interface ExportStore extends AliasStore, MetaStore {
  /** Sketches of those who were added, or of those who were removed. */
  sketchesAfter(
    row: number,
    limit: number,
    side: "added" | "removed",
  ): { row: number; kind: PeriodKind; series: string; start: number; end: number; sketch: Uint8Array }[];
  daysAfter(start: number, limit: number): DayRow[];
}

/** The records that follow a cursor; none when all have been given. */
export function exportPage(
  state: RollupState,
  store: ExportStore,
  app: string,
  cursor: Cursor,
  limit: number,
): { record: ExportRecord; cursor: Cursor }[] {
  const [table = "", text = "0"] = cursor.split(".");
  const after = Number(text);
  if (table === "") {
    const head = { format: "headcount-export/1" as const, app, keyId: state.keyId };
    return [{ record: { head }, cursor: "head.1" }];
  }
  // Whoever was interrupted between the two has yet to be given the second.
  if (table === "head" || cursor === "meta.1") {
    const { settings, zones } = state.settings.config();
    const records = [
      { record: { zones: [...zones] }, cursor: "meta.1" },
      { record: { settings: { ...settings } }, cursor: "meta.2" },
    ];
    return table === "head" ? records : records.slice(1);
  }
  const begun = tables.findIndex((name) => name === table);
  for (const [index, name] of tables.entries()) {
    if (index < begun) continue;
    const page = recordsOf[name](store, index === begun ? after : 0, limit);
    if (page.length > 0) return page.map(({ row, record }) => ({ record, cursor: `${name}.${row}` }));
  }
  return [];
}

/** Those who were removed come before all others: whoever is removed meanwhile is added in what follows, and never the other way round. */
const tables = ["removed", "sketch", "alias", "day", "annotation"] as const;

type Rows = { row: number; record: ExportRecord }[];

const recordsOf: Record<(typeof tables)[number], (store: ExportStore, after: number, limit: number) => Rows> =
  {
    removed: (store, after, limit) => sketchRecords(store.sketchesAfter(after, limit, "removed")),
    sketch: (store, after, limit) => sketchRecords(store.sketchesAfter(after, limit, "added")),
    alias: (store, after, limit) =>
      store.aliasesAfter(after, limit).map(({ seq, entry, shardHash, target, targetShardHash, until }) => ({
        row: seq,
        // The names that these members had in the first release.
        record: {
          alias: {
            entry,
            spread: shardHash,
            target,
            targetSpread: targetShardHash,
            ...(until !== null && { until }),
          },
        },
      })),
    // Days begin before 1970 in no app: 0 is before them all.
    day: (store, after, limit) =>
      store.daysAfter(after, limit).map((day) => ({ row: day.from, record: { day: { ...day } } })),
    annotation: (store, after, limit) =>
      new Annotations(store)
        .list()
        .map((annotation) => ({ row: Date.parse(annotation.day), record: { annotation } }))
        .filter(({ row }) => row > after)
        .slice(0, limit),
  };

function sketchRecords(sketches: ReturnType<ExportStore["sketchesAfter"]>): Rows {
  return sketches.map(({ row, sketch, ...of }) => ({
    row,
    record: { sketch: { ...of, bytes: encodeBase64(sketch) } },
  }));
}
