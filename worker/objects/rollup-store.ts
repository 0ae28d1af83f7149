import type { Alias } from "../counting/aliases.ts";
import { removedFrom } from "../counting/move-activity.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupStore } from "../counting/rollup-state.ts";
import { everyone, seriesOf, valueOf } from "../counting/series.ts";
import type { ExportStore } from "../transfer/export-page.ts";

/** The tables of a roll-up. */
export function rollupStoreOf(storage: DurableObjectStorage): RollupStore & ExportStore {
  const { sql } = storage;
  const aliases = (where: string, value: number) =>
    sql
      .exec<Record<keyof Alias, number> & { target: number | null }>(
        `SELECT seq, entry, spread AS shardHash, target, target_spread AS targetShardHash FROM alias ${where}`,
        value,
      )
      .toArray();
  return {
    getSketch({ kind, series, start }) {
      const [row] = sql
        .exec<{ sketch: ArrayBuffer }>(
          "SELECT sketch FROM sketch WHERE kind = ? AND series = ? AND start = ?",
          kind,
          series,
          start,
        )
        .toArray();
      return row === undefined ? null : new Uint8Array(row.sketch);
    },
    putSketch({ kind, series, start, end, sketch }) {
      sql.exec(
        `INSERT INTO sketch (kind, series, start, end, sketch) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET sketch = excluded.sketch`,
        kind,
        series,
        start,
        end,
        sketch,
      );
    },
    dropEndedBy(kind, end, of) {
      const scope = of === "everyone" ? "series IN (?, ?)" : "series NOT IN (?, ?)";
      sql.exec(
        `DELETE FROM sketch WHERE kind = ? AND end <= ? AND ${scope}`,
        kind,
        end,
        everyone,
        removedFrom(everyone),
      );
    },
    valuesIn(kind, from, to, dimension) {
      const prefix = seriesOf(dimension, "");
      const rows = sql.exec<{ series: string }>(
        // The names of a dimension's series lie between its prefix and the next character after "=".
        `SELECT DISTINCT series FROM sketch
         WHERE kind = ? AND series >= ? AND series < ? AND start >= ? AND start < ?`,
        kind,
        prefix,
        `${dimension}>`,
        from,
        to,
      );
      return Array.from(rows, ({ series }) => valueOf(series));
    },
    firstDay() {
      const row = sql.exec("SELECT min(start) AS start FROM sketch WHERE kind = 'day' AND series = ''").one();
      return row["start"] as number | null;
    },
    putDayRow(row) {
      sql.exec(
        "INSERT INTO day (start, row) VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row",
        row.from,
        JSON.stringify(row),
      );
    },
    dayRows(from, to) {
      const rows = sql.exec<{ row: string }>(
        "SELECT row FROM day WHERE start >= ? AND start < ? ORDER BY start",
        from,
        to,
      );
      return Array.from(rows, ({ row }) => JSON.parse(row));
    },
    stored() {
      return sql
        .exec<{ kind: PeriodKind; series: string; start: number; end: number }>(
          "SELECT kind, series, start, end FROM sketch",
        )
        .toArray();
    },
    getAlias(entry) {
      return aliases("WHERE entry = ?", entry)[0] ?? null;
    },
    putAlias({ entry, shardHash, target, targetShardHash }) {
      sql.exec(
        "INSERT OR REPLACE INTO alias (entry, spread, target, target_spread) VALUES (?, ?, ?, ?)",
        entry,
        shardHash,
        target,
        targetShardHash,
      );
    },
    aliasesTo(target) {
      return aliases("WHERE target = ?", target);
    },
    aliasesAfter(seq) {
      return aliases("WHERE seq > ? ORDER BY seq", seq);
    },
    sketchesAfter(row, limit) {
      const rows = sql.exec<{
        row: number;
        kind: PeriodKind;
        series: string;
        start: number;
        end: number;
        sketch: ArrayBuffer;
      }>(
        `SELECT rowid AS row, kind, series, start, end, sketch FROM sketch
         WHERE rowid > ? ORDER BY rowid LIMIT ?`,
        row,
        limit,
      );
      return Array.from(rows, (held) => ({ ...held, sketch: new Uint8Array(held.sketch) }));
    },
    daysAfter(start, limit) {
      const rows = sql.exec<{ row: string }>(
        "SELECT row FROM day WHERE start > ? ORDER BY start LIMIT ?",
        start,
        limit,
      );
      return Array.from(rows, ({ row }) => JSON.parse(row));
    },
    getMeta(name) {
      const [row] = sql.exec<{ value: string }>("SELECT value FROM meta WHERE name = ?", name).toArray();
      return row === undefined ? null : JSON.parse(row.value);
    },
    putMeta(name, value) {
      sql.exec(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        name,
        JSON.stringify(value),
      );
    },
  };
}
