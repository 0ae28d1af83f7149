import type { Annotation } from "../../sdk/wire.ts";
import { decodeBase64 } from "../bytes.ts";
import type { DayRow } from "../counting/history.ts";
import type { AdoptedAlias } from "../counting/identities.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import type { ExportRecord } from "./export-line.ts";

/**
 * Takes records of an export. Returns in words why they don't go together with what is there, or null.
 *
 * @param withSettings whether to take over settings where the app has counted somebody already
 * @param keyRevision the revision of the key with which they are imported
 * @param now Unix milliseconds
 */
export function importRecords(
  state: RollupState,
  store: { dayRows(from: number, to: number): DayRow[]; putDayRow(row: DayRow): void },
  records: readonly ExportRecord[],
  { withSettings, keyRevision }: { withSettings: boolean; keyRevision: number },
  now: number,
): string | null {
  const { settings } = state;
  const isNew = state.firstDay() === null;
  const aliases: AdoptedAlias[] = [];
  const annotations: Annotation[] = [];
  for (const record of records) {
    if ("zones" in record) {
      if (isNew) settings.adoptZones(record.zones);
      else if (JSON.stringify(record.zones) !== JSON.stringify(settings.config().zones)) {
        return "days are cut otherwise here: expected an app in the same timeZone, changed at the same times";
      }
    } else if ("settings" in record && (isNew || withSettings)) {
      const { timeZone: _, ...change } = record.settings;
      const complaint = settings.adopt(change, keyRevision, now);
      if (complaint !== null) return `settings: ${complaint}`;
    } else if ("sketch" in record) {
      const { bytes, ...of } = record.sketch;
      state.absorb([{ ...of, sketch: decodeBase64(bytes) }]);
    } else if ("alias" in record) {
      const { entry, spread, target, targetSpread, until = null } = record.alias;
      aliases.push({ entry, shardHash: spread, target, targetShardHash: targetSpread, until });
    } else if ("annotation" in record) {
      annotations.push(record.annotation);
    } else if ("day" in record && store.dayRows(record.day.from, record.day.from + 1).length === 0) {
      store.putDayRow(record.day);
    }
  }
  const complaint = state.annotations.adopt(annotations);
  if (complaint !== null) return `annotations: ${complaint}`;
  return state.identities.adopt(aliases);
}
