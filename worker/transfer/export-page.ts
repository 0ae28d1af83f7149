import { encodeBase64 } from "../bytes.ts";
import type { AliasStore } from "../counting/aliases.ts";
import type { DayRow } from "../counting/history.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import type { Cursor, ExportRecord } from "./export-line.ts";

/** What an export reads of a roll-up's store, each in an order that stays. */
export interface ExportStore extends AliasStore {
  sketchesAfter(
    row: number,
    limit: number,
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
  if (table === "meta" || table === "sketch") {
    const sketches = store.sketchesAfter(table === "meta" ? 0 : after, limit);
    if (sketches.length > 0) {
      return sketches.map(({ row, sketch, ...of }) => ({
        record: { sketch: { ...of, bytes: encodeBase64(sketch) } },
        cursor: `sketch.${row}`,
      }));
    }
  }
  if (table !== "day") {
    const aliases = store.aliasesAfter(table === "alias" ? after : 0).slice(0, limit);
    if (aliases.length > 0) {
      return aliases.map(({ seq, entry, shardHash, target, targetShardHash }) => ({
        // The names that these members had in the first release.
        record: { alias: { entry, spread: shardHash, target, targetSpread: targetShardHash } },
        cursor: `alias.${seq}`,
      }));
    }
  }
  // Days begin before 1970 in no app: 0 is before them all.
  const days = store.daysAfter(table === "day" ? after : 0, limit);
  return days.map((day) => ({ record: { day: { ...day } }, cursor: `day.${day.from}` }));
}
