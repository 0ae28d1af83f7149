import { DurableObject } from "cloudflare:workers";
import type { SketchPart } from "../counting/parts.ts";
import type { Alias, AliasNews } from "../counting/aliases.ts";
import { removedFrom } from "../counting/linking.ts";
import {
  type AliasChange,
  type RollupStore,
  RollupState,
  type Scope,
  type WindowCount,
} from "../counting/rollup-state.ts";
import type { PeriodKind } from "../counting/periods.ts";
import type { TallyCounts } from "../counting/tally.ts";
import { encode } from "../sketch/index.ts";
import { everyone, reachOf, seriesOf, valueOf } from "../counting/series.ts";
import type { AppConfig, Settings } from "../counting/settings.ts";
import type { Env } from "../env.ts";
import { alarmOverdueMs, hourMs, recomputeSoonMs } from "../limits.ts";
import { OpenSockets, type SocketReport } from "../live/open-sockets.ts";
import { engagement, type EngagementRow } from "../query/engagement.ts";
import { lifecycle, type LifecycleRow } from "../query/lifecycle.ts";
import { type MetricsSnapshot, metricsSnapshot } from "../query/openmetrics.ts";
import { type CohortRow, type Interval, retention } from "../query/retention.ts";
import { type Point, timeseries, type TimeseriesQuestion } from "../query/timeseries.ts";
import { parseObjectName } from "./names.ts";
import { migrate, rollupSteps } from "./schema.ts";

/** An encoded sketch, or why there is none. `from` and `to` are Unix milliseconds. */
export interface SketchAnswer {
  from: number;
  to: number;
  sketch: Uint8Array | null;
  reason: string | null;
}

/** The roll-up of one app: gives `RollupState` storage, a clock and alarms. */
export class Rollup extends DurableObject<Env> {
  readonly #state: RollupState;
  readonly #openSockets: OpenSockets;
  /** Whether this instance has recomputed, or is about to. */
  #hasRecomputed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage, rollupSteps);
    const store = storeOf(ctx.storage);
    this.#state = new RollupState(store, parseObjectName(ctx.id.name ?? "").keyId);
    this.#openSockets = new OpenSockets(store);
  }

  /** Resolves once the parts are durable. */
  async absorb(parts: SketchPart[], tally: TallyCounts = {}): Promise<void> {
    this.#transact(() => {
      this.#state.absorb(parts);
      this.#state.addTally({ ...tally, pushes: 1 });
    });
    await this.#armAlarm();
    await this.ctx.storage.sync();
  }

  /** How many people were active in each span, `from` included, `to` not; Unix milliseconds, by the asker's clock. */
  count(spans: { from: number; to: number }[], now: number, scope: Scope): WindowCount[] {
    return spans.map(({ from, to }) => this.#state.count(from, to, now, scope));
  }

  /** Who was active in a span, as `count` tells it, and the open sockets. */
  online(span: { from: number; to: number }, now: number, scope: Scope) {
    return { counts: this.count([span], now, scope), sockets: this.#openSockets.total(Date.now()) };
  }

  /** A gate tells how many sockets of this app it holds. */
  async noteSockets(gate: string, open: number): Promise<void> {
    this.#openSockets.note(gate, open, Date.now());
    await this.ctx.storage.sync();
  }

  /** What the gates that hold sockets of this app have told. */
  socketReports(): SocketReport[] {
    return this.#openSockets.reports(Date.now());
  }

  engagement(scope: Scope, now: number): EngagementRow[] {
    return engagement(this.#state, scope, now);
  }

  timeseries(question: TimeseriesQuestion, now: number): Point[] {
    return timeseries(this.#state, question, now);
  }

  retention(interval: Interval, cohorts: number, periods: number, now: number): CohortRow[] {
    return retention(this.#state, interval, cohorts, periods, now);
  }

  lifecycle(interval: Interval, periods: number, now: number, series: string): LifecycleRow[] {
    return lifecycle(this.#state, interval, periods, now, series);
  }

  metrics(now: number): MetricsSnapshot {
    return metricsSnapshot(this.#state, now, this.#openSockets.total(Date.now()));
  }

  /** A day's sketch, encoded, of those who were added or of those who were removed. */
  sketch(from: number, to: number, now: number, series: string, part: "added" | "removed"): SketchAnswer {
    const present = { now, calendar: this.#state.calendar, reach: reachOf(series) };
    const { pieces, ...covered } = this.#state.cover(from, to, present);
    const reason = this.#state.whyBlank(covered, now);
    const sketch = reason === null ? encode(this.#state.people(pieces, series)[part]) : null;
    return { ...covered, reason, sketch };
  }

  async status() {
    return {
      sketches: Number(this.ctx.storage.sql.exec("SELECT count(*) AS count FROM sketch").one()["count"]),
      storedBytes: this.ctx.storage.sql.databaseSize,
      firstDay: this.#state.firstDay(),
      alarmAt: await this.ctx.storage.getAlarm(),
    };
  }

  config(): AppConfig {
    return this.#state.config();
  }

  aliasNews(seq: number, shard: number): AliasNews {
    return this.#state.aliasNews(seq, shard);
  }

  /** Resolves, once the change is durable, with the shards that have to learn of it. */
  async changeAlias(change: AliasChange): Promise<number[]> {
    const shards = this.#transact(() => this.#state.changeAlias(change));
    await this.ctx.storage.sync();
    return shards;
  }

  /** Resolves once the past counts as the present does. */
  async moveHistory(entry: number, days: string[] | null): Promise<void> {
    this.#transact(() => this.#state.moveHistory(entry, days));
    await this.ctx.storage.sync();
  }

  async changeSettings(change: Partial<Settings>): Promise<AppConfig> {
    const config = this.#transact(() => this.#state.changeSettings(change, Date.now()));
    await this.ctx.storage.sync();
    return config;
  }

  override async alarm(): Promise<void> {
    this.#hasRecomputed = true;
    const now = Date.now();
    this.#transact(() => {
      this.#state.recordHistory(now);
      this.#state.expire(now);
    });
    // The figures that everybody asks for are ready before anybody does.
    this.metrics(now);
    await this.#wakeNextHour();
  }

  /** What is written in one turn is kept as a whole or not at all, in memory as on disk. */
  #transact<Result>(work: () => Result): Result {
    try {
      return this.ctx.storage.transactionSync(work);
    } catch (error) {
      this.#state.forget();
      throw error;
    }
  }

  /**
   * Recomputes soon after a start, so that what the hours before brought is in the history, and sees to it that the
   * hourly alarm goes on: one that is missing or long overdue was lost.
   */
  async #armAlarm(): Promise<void> {
    const [alarm, now] = [await this.ctx.storage.getAlarm(), Date.now()];
    const isArmed = alarm !== null && alarm > now - alarmOverdueMs;
    if (isArmed && this.#hasRecomputed) return;
    if (!isArmed || alarm > now + recomputeSoonMs) await this.ctx.storage.setAlarm(now + recomputeSoonMs);
    this.#hasRecomputed = true;
  }

  /** A little after the hour, not all apps at once. */
  async #wakeNextHour(): Promise<void> {
    const nextHour = Math.ceil((Date.now() + 1) / hourMs) * hourMs;
    await this.ctx.storage.setAlarm(nextHour + Math.random() * 5 * 60_000);
  }
}

function storeOf(storage: DurableObjectStorage): RollupStore {
  const { sql } = storage;
  const aliases = (where: string, value: number) =>
    sql
      .exec<Record<keyof Alias, number> & { target: number | null }>(
        `SELECT seq, entry, spread, target, target_spread AS targetSpread FROM alias ${where}`,
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
    putAlias({ entry, spread, target, targetSpread }) {
      sql.exec(
        "INSERT OR REPLACE INTO alias (entry, spread, target, target_spread) VALUES (?, ?, ?, ?)",
        entry,
        spread,
        target,
        targetSpread,
      );
    },
    aliasesTo(target) {
      return aliases("WHERE target = ?", target);
    },
    aliasesAfter(seq) {
      return aliases("WHERE seq > ? ORDER BY seq", seq);
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
