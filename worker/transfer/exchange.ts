import type { Alias, AliasStore } from "../counting/aliases.ts";
import type { ZoneHistory } from "../counting/calendar.ts";
import type { DayRow } from "../counting/history.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import type { Settings } from "../counting/settings.ts";
import type { Cursor, Part } from "./parts.ts";

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
  store: AliasStore & { dayRows(from: number, to: number): DayRow[]; putDayRow(row: DayRow): void },
  parts: readonly Part[],
  withSettings: boolean,
  now: number,
): string | null {
  const isNew = state.firstDay() === null;
  for (const part of parts) {
    if ("zones" in part) {
      const zones = part.zones as unknown as ZoneHistory;
      if (isNew) state.adoptZones(zones);
      else if (JSON.stringify(zones.at(-1)) !== JSON.stringify(state.config().zones.at(-1))) {
        return "days are cut in another time zone here: expected the same timeZone in both places";
      }
    } else if ("settings" in part) {
      const { timeZone: _, ...settings } = part.settings as unknown as Settings;
      if (isNew || withSettings) state.changeSettings(settings, now);
    } else if ("sketch" in part) {
      const { bytes, ...of } = part.sketch;
      state.absorb([{ ...of, sketch: fromBase64(bytes) }]);
    } else if ("alias" in part) {
      // Who counts as whom here goes first: it may be newer.
      if (store.getAlias(part.alias.entry) === null) store.putAlias(part.alias satisfies Omit<Alias, "seq">);
    } else if ("day" in part) {
      const row = part.day as unknown as DayRow;
      if (store.dayRows(row.from, row.from + 1).length === 0) store.putDayRow(row);
    }
  }
  return null;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
