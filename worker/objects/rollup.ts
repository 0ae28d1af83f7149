import { DurableObject } from "cloudflare:workers";
import type { SketchPart } from "../counting/sketch-parts.ts";
import type { AliasNews } from "../counting/aliases.ts";
import type { ActiveDays } from "../counting/move-activity.ts";
import {
  type AliasChange,
  type RollupStore,
  RollupState,
  type Scope,
  type WindowCount,
} from "../counting/rollup-state.ts";
import type { TallyCounts } from "../counting/counters.ts";
import { encode } from "../sketch/index.ts";
import { reachOf } from "../counting/series.ts";
import type { AppConfig, Settings } from "../counting/settings.ts";
import type { Env } from "../env.ts";
import { inJurisdiction } from "../app/jurisdiction.ts";
import { Elastic } from "../counting/elastic.ts";
import { alarmOverdueMs, elastic, hourMs, maxShards, recomputeSoonMs } from "../limits.ts";
import { OpenSockets, type SocketReport } from "../live/open-sockets.ts";
import { engagement, type EngagementRow } from "../query/engagement.ts";
import { lifecycle, type LifecycleRow } from "../query/lifecycle.ts";
import { type MetricsSnapshot, metricsSnapshot } from "../query/openmetrics.ts";
import { type CohortRow, type Interval, retention } from "../query/retention.ts";
import {
  type Point,
  timeseries,
  type TimeseriesQuestion,
  tooManyPoints,
  type TooManyPoints,
} from "../query/timeseries.ts";
import { type ExportStore, exportPage, importParts } from "../transfer/export-page.ts";
import { encodeLine, type Part } from "../transfer/export-line.ts";
import { rollupStoreOf } from "./rollup-store.ts";
import { parseObjectName } from "../app/object-names.ts";
import { migrate, rollupSteps } from "./schema.ts";

/** An encoded sketch, or why there is none. `from` and `to` are Unix milliseconds. */
export interface SketchAnswer {
  from: number;
  to: number;
  sketch: Uint8Array | null;
  reason: string | null;
}

/** What a shard had to do since it last pushed. */
export interface ShardLoad {
  shard: number;
  callsPerSecond: number;
}

/** The roll-up of one app: gives `RollupState` storage, a clock and alarms. */
export class Rollup extends DurableObject<Env> {
  readonly #store: RollupStore & ExportStore;
  readonly #state: RollupState;
  readonly #elastic: Elastic;
  readonly #openSockets: OpenSockets;
  /** Whether this instance has recomputed, or is about to. */
  #hasRecomputed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, inJurisdiction(env));
    migrate(ctx.storage, rollupSteps);
    const busyCallsPerSecond = Number(env.BUSY_CALLS_PER_SECOND ?? 0);
    this.#elastic = new Elastic({ ...elastic, busyCallsPerSecond, maxShards });
    this.#store = rollupStoreOf(ctx.storage);
    this.#state = new RollupState(this.#store, parseObjectName(ctx.id.name ?? "").keyId);
    this.#openSockets = new OpenSockets(this.#store);
  }

  /** Resolves once the parts are durable. */
  async absorb(parts: SketchPart[], tally: TallyCounts = {}, load: ShardLoad | null = null): Promise<void> {
    this.#transact(() => {
      this.#state.absorb(parts);
      this.#state.addTally({ ...tally, pushes: 1 });
      if (load !== null) this.#grow(load);
    });
    await this.#armAlarm();
    await this.ctx.storage.sync();
  }

  #grow({ shard, callsPerSecond }: ShardLoad): void {
    const { shards } = this.#state.config().settings;
    const now = Date.now();
    const wanted = this.#elastic.report(shard, callsPerSecond, shards, now);
    if (wanted === shards) return;
    this.#state.changeSettings({ shards: wanted }, now);
    console.log(JSON.stringify({ event: "shards-doubled", object: this.ctx.id.name, shards: wanted }));
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

  timeseries(question: TimeseriesQuestion, now: number): Point[] | TooManyPoints {
    return tooManyPoints(this.#state, question, now) ?? timeseries(this.#state, question, now);
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

  /** The lines of an export after a cursor; none when all have been given. */
  exportPage(cursor: string, limit: number): { text: string; cursor: string }[] {
    const { app } = parseObjectName(this.ctx.id.name ?? "");
    const page = exportPage(this.#state, this.#store, app, cursor, limit);
    return page.map((line) => ({ text: encodeLine(line.part, line.cursor), cursor: line.cursor }));
  }

  /** Takes parts of an export; resolves, once they are durable, with why they could not be taken, or null. */
  async importParts(parts: Part[], withSettings: boolean): Promise<string | null> {
    const refused = this.#transact(() =>
      importParts(this.#state, this.#store, parts, withSettings, Date.now()),
    );
    await this.#armAlarm();
    await this.ctx.storage.sync();
    return refused;
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

  /** The last step of counting somebody again; resolves once it is durable. */
  async noteInclusion(): Promise<void> {
    this.#transact(() => this.#state.noteInclusion());
    await this.ctx.storage.sync();
  }

  /** Resolves once the past counts as the present does. */
  async moveHistory(entry: number, days: ActiveDays | null): Promise<void> {
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
