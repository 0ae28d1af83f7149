import type { Alias } from "../counting/aliases.ts";
import { removedFrom } from "../counting/removed.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { RollupStore } from "../counting/rollup-state.ts";
import { everyone, seriesOf, valueOf } from "../counting/series.ts";
import { metaOf } from "./meta-store.ts";
import type { ExportStore } from "../transfer/export-page.ts";

/** The tables of a roll-up. */
export function rollupStoreOf(storage: DurableObjectStorage): RollupStore & ExportStore {
  const { sql } = storage;
  const aliases = (where: string, ...values: number[]) =>
    sql
      .exec<Record<(typeof aliasColumns)[number], number> & { target: number | null }>(
        `SELECT ${aliasColumns.join(", ")} FROM alias ${where}`,
        ...values,
      )
      .toArray()
      .map(aliasOf);
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
      if (kind === "day") sql.exec("DELETE FROM moved WHERE start < ?", end);
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
    periods(since) {
      return sql
        .exec<{ kind: PeriodKind; start: number; end: number }>(
          "SELECT kind, start, end FROM sketch WHERE kind IN ('slot', 'hour', 'day') AND series = ? AND end > ?",
          everyone,
          since,
        )
        .toArray();
    },
    seriesIn(periods) {
      const wanted = new Set(periods.map(({ kind, start }) => `${kind}/${start}`));
      if (wanted.size === 0) return [];
      // The inner one is answered by the index alone: reading rows would read their sketches.
      const rows = sql.exec<{ kind: PeriodKind; series: string; start: number; end: number }>(
        `SELECT kind, series, start, end FROM sketch WHERE rowid IN
           (SELECT rowid FROM sketch WHERE start IN (SELECT value FROM json_each(?)))`,
        JSON.stringify(periods.map(({ start }) => start)),
      );
      return [...rows].filter(({ kind, start }) => wanted.has(`${kind}/${start}`));
    },
    getAlias(entry) {
      return aliases("WHERE entry = ?", entry)[0] ?? null;
    },
    putAlias({ entry, shardHash, target, targetShardHash, later, vagueAt, until }) {
      sql.exec(
        `INSERT OR REPLACE INTO alias (entry, spread, target, target_spread, later, later_shard_hash, vague_at, until)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        entry,
        shardHash,
        target,
        targetShardHash,
        later?.entry ?? null,
        later?.shardHash ?? null,
        vagueAt,
        until,
      );
    },
    vagueAliases(after) {
      return aliases("WHERE vague_at > ?", after);
    },
    countAliases() {
      return Number(sql.exec("SELECT count(*) AS count FROM alias").one()["count"]);
    },
    dropAliases(now) {
      sql.exec("DELETE FROM alias WHERE until <= ?", now);
    },
    putMoved(entry, { start, series, target }) {
      sql.exec(
        "INSERT OR REPLACE INTO moved (entry, start, series, target) VALUES (?, ?, ?, ?)",
        entry,
        start,
        series,
        target,
      );
    },
    movedDays(entry) {
      return sql
        .exec<{ start: number; series: string; target: number }>(
          "SELECT start, series, target FROM moved WHERE entry = ?",
          entry,
        )
        .toArray();
    },
    dropMoved(entry, days) {
      for (const { start, series } of days) {
        sql.exec("DELETE FROM moved WHERE entry = ? AND start = ? AND series = ?", entry, start, series);
      }
    },
    aliasesTo(target) {
      return aliases("WHERE target = ?", target);
    },
    aliasesAfter(seq, limit = -1) {
      return aliases("WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit);
    },
    sketchesAfter(row, limit, side) {
      const rows = sql.exec<{
        row: number;
        kind: PeriodKind;
        series: string;
        start: number;
        end: number;
        sketch: ArrayBuffer;
      }>(
        `SELECT rowid AS row, kind, series, start, end, sketch FROM sketch
         WHERE rowid > ? AND (substr(series, 1, 1) = ?) = ? ORDER BY rowid LIMIT ?`,
        row,
        removedFrom(""),
        Number(side === "removed"),
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
    ...metaOf(storage),
  };
}

const aliasColumns = [
  "seq",
  "entry",
  "spread",
  "target",
  "target_spread",
  "later",
  "later_shard_hash",
  "vague_at",
  "until",
] as const;

function aliasOf(row: Record<(typeof aliasColumns)[number], number | null>): Alias {
  const { later, later_shard_hash: laterShardHash } = row;
  return {
    seq: row.seq ?? 0,
    entry: row.entry ?? 0,
    shardHash: row.spread ?? 0,
    target: row.target,
    targetShardHash: row.target_spread ?? 0,
    later: later === null ? null : { entry: later, shardHash: laterShardHash ?? 0 },
    vagueAt: row.vague_at,
    until: row.until,
  };
}
