import type { AliasStore } from "../counting/aliases.ts";
import type { DayRow } from "../counting/history.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { type Cursor, fromBase64, type Part, toBase64 } from "./export-line.ts";

/** What an export reads of a roll-up's store, each in an order that stays. */
export interface ExportStore extends AliasStore {
  sketchesAfter(
    row: number,
    limit: number,
  ): { row: number; kind: PeriodKind; series: string; start: number; end: number; sketch: Uint8Array }[];
  daysAfter(start: number, limit: number): DayRow[];
}

/** The parts that follow a cursor; none when all have been given. */
export function exportPage(
  state: RollupState,
  store: ExportStore,
  app: string,
  cursor: Cursor,
  limit: number,
): { part: Part; cursor: Cursor }[] {
  const [table = "", text = "0"] = cursor.split(".");
  const after = Number(text);
  if (table === "") {
    const head = { format: "headcount-export/1" as const, app, keyId: state.keyId };
    return [{ part: { head }, cursor: "head.1" }];
  }
  if (table === "head") {
    const { settings, zones } = state.config();
    return [
      { part: { zones: [...zones] }, cursor: "meta.1" },
      { part: { settings: { ...settings } }, cursor: "meta.2" },
    ];
  }
  if (table === "meta" || table === "sketch") {
    const sketches = store.sketchesAfter(table === "meta" ? 0 : after, limit);
    if (sketches.length > 0) {
      return sketches.map(({ row, sketch, ...of }) => ({
        part: { sketch: { ...of, bytes: toBase64(sketch) } },
        cursor: `sketch.${row}`,
      }));
    }
  }
  if (table !== "day") {
    const aliases = store.aliasesAfter(table === "alias" ? after : 0).slice(0, limit);
    if (aliases.length > 0) {
      return aliases.map(({ seq, ...alias }) => ({ part: { alias }, cursor: `alias.${seq}` }));
    }
  }
  // Days begin before 1970 in no app: 0 is before them all.
  const days = store.daysAfter(table === "day" ? after : 0, limit);
  return days.map((day) => ({ part: { day: { ...day } }, cursor: `day.${day.from}` }));
}

/** Takes parts of an export. Returns in words why they don't go together with what is there, or null. */
export function importParts(
  state: RollupState,
  store: { dayRows(from: number, to: number): DayRow[]; putDayRow(row: DayRow): void },
  parts: readonly Part[],
  withSettings: boolean,
  now: number,
): string | null {
  const isNew = state.firstDay() === null;
  for (const part of parts) {
    if ("zones" in part) {
      if (isNew) state.adoptZones(part.zones);
      else if (JSON.stringify(part.zones) !== JSON.stringify(state.config().zones)) {
        return "days are cut otherwise here: expected an app in the same timeZone, changed at the same times";
      }
    } else if ("settings" in part) {
      const { timeZone: _, ...settings } = part.settings;
      if (isNew || withSettings) state.changeSettings(settings, now);
    } else if ("sketch" in part) {
      const { bytes, ...of } = part.sketch;
      state.absorb([{ ...of, sketch: fromBase64(bytes) }]);
    } else if ("alias" in part) {
      state.adoptAlias(part.alias);
    } else if ("day" in part && store.dayRows(part.day.from, part.day.from + 1).length === 0) {
      store.putDayRow(part.day);
    }
  }
  return null;
}
