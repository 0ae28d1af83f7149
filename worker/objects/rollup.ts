import { DurableObject } from "cloudflare:workers";
import type {
  Annotation,
  CohortRow,
  EngagementAnswer,
  GrowthRow,
  LifecycleRow,
  PointRow,
} from "../../sdk/wire.ts";
import { isolateOf } from "../app/isolate.ts";
import { inJurisdiction } from "../app/jurisdiction.ts";
import { type ObjectName, parseObjectName } from "../app/object-names.ts";
import { hourlyAlarm, soonAlarm } from "../counting/alarms.ts";
import type { AliasChange, AliasNews } from "../counting/aliases.ts";
import type { AppConfig, SettingsChange } from "../counting/app-settings.ts";
import type { CounterValues } from "../counting/counters.ts";
import { isClockSure } from "../counting/sure-clock.ts";
import { Elastic } from "../counting/elastic.ts";
import type { Claim } from "../counting/move-past.ts";
import { type RollupStore, RollupState, type Scope, type WindowCount } from "../counting/rollup-state.ts";
import type { PastOutcome } from "../counting/identities.ts";
import type { SketchPart } from "../counting/sketch-parts.ts";
import type { Env } from "../env.ts";
import { elastic, listRetryMs, maxShards } from "../limits.ts";
import { OpenSockets, type SocketReport } from "../live/open-sockets.ts";
import { logEvent } from "../log.ts";
import { engagementTurns } from "../query/engagement.ts";
import { growth, keepGrowth } from "../query/growth.ts";
import { lifecycle } from "../query/lifecycle.ts";
import { type Habits, habits, type MetricsSnapshot, metricsSnapshot } from "../query/openmetrics.ts";
import { power, type PowerRows } from "../query/power.ts";
import { type Interval, retention, tooManyCohorts } from "../query/retention.ts";
import type { TooMuch } from "../query/split-cost.ts";
import { timeseriesTurns, type TimeseriesQuestion, tooManyPoints } from "../query/timeseries.ts";
import {
  type AskedSpan,
  type EncodedSketch,
  type RollupRpc,
  type RollupStatus,
  type ShardLoad,
} from "../rpc.ts";
import { encode } from "../sketch/index.ts";
import { encodeLine, type ExportRecord } from "../transfer/export-line.ts";
import { exportPage, type ExportStore } from "../transfer/export-page.ts";
import { importRecords } from "../transfer/import-records.ts";
import { DearQuestions } from "./dear-questions.ts";
import { listApp } from "./list-app.ts";
import { isLossAccepted, lostRollup, markOf } from "./rollup-mark.ts";
import { rollupStoreOf } from "./rollup-store.ts";
import { migrate, rollupSteps } from "./schema.ts";
import { Webhooks } from "./webhooks.ts";

/** The roll-up of one app: gives `RollupState` storage, a clock and alarms. */
export class Rollup extends DurableObject<Env> implements RollupRpc {
  readonly #name: ObjectName;
  readonly #store: RollupStore & ExportStore;
  readonly #state: RollupState;
  readonly #elastic: Elastic;
  readonly #openSockets: OpenSockets;
  /** Figures of whole days, as of the last alarm. */
  #habits: Habits | undefined;
  readonly #mark: string;
  readonly #webhooks: Webhooks;
  readonly #dear = new DearQuestions();
  /** Whether this instance has recomputed, or is about to. */
  #hasRecomputed = false;
  /** Whether there was activity when it last recomputed: from then on the app is in the list of apps. */
  #hadActivity = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, inJurisdiction(env));
    this.#name = parseObjectName(ctx.id.name ?? "");
    const lost = env.LOST_ROLLUPS;
    if (lost?.split(",").includes(ctx.id.toString())) throw new Error(lostRollup);
    const isNew = migrate(ctx.storage, rollupSteps) === 0;
    const busyCallsPerSecond = Number(env.BUSY_CALLS_PER_SECOND ?? 0);
    this.#elastic = new Elastic({ ...elastic, busyCallsPerSecond, maxShards });
    this.#store = rollupStoreOf(ctx.storage);
    this.#mark = markOf(this.#store, Boolean(env.ACCEPT_LOSS));
    this.#state = new RollupState(this.#store, this.#name.keyId);
    if (isNew) this.#state.settings.begin();
    this.#webhooks = new Webhooks(env, ctx.id.name ?? "", this.#state, this.#store);
    this.#openSockets = new OpenSockets(this.#store);
  }

  async absorb(
    parts: SketchPart[],
    counters: CounterValues = {},
    load: ShardLoad | null = null,
    mark: string | null = null,
  ): Promise<string> {
    const isForThis = mark === null || mark === this.#mark;
    if (!isForThis && !isLossAccepted(this.#store, mark, this.env.ACCEPT_LOSS)) return this.#leave();
    this.#change(() => {
      this.#state.absorb(parts);
      this.#state.addServiceCounts({ ...counters, pushes: 1 });
      if (load !== null) this.#grow(load);
    });
    // What came before may have told of refused beats alone.
    if (parts.length > 0 && !this.#hadActivity) this.#hasRecomputed = false;
    await this.#armAlarm();
    await this.ctx.storage.sync();
    return this.#mark;
  }

  /** A shard knew another roll-up in this one's place: nothing that is asked here may be answered. */
  async #leave(): Promise<never> {
    isolateOf(this.env).isDamaged = true;
    this.#change(() => this.#store.putMeta("lost", true));
    await this.ctx.storage.sync();
    // Begun again, it refuses everything.
    this.ctx.abort(lostRollup);
    throw new Error(lostRollup);
  }

  #grow({ shard, callsPerSecond }: ShardLoad): void {
    const { settings } = this.#state;
    const { shards } = settings.config().settings;
    const now = Date.now();
    const wanted = this.#elastic.report(shard, callsPerSecond, shards, now);
    if (wanted === shards) return;
    settings.change({ shards: wanted }, now);
    logEvent("shards-doubled", { object: this.ctx.id.name, shards: wanted });
  }

  async count(spans: AskedSpan[], now: number, scope: Scope): Promise<WindowCount[]> {
    if (scope.of !== "groups") {
      return spans.map(({ from, to, edges }) => this.#state.count(from, to, now, scope, edges));
    }
    return this.#dear.letIn(async () => {
      const counts: WindowCount[] = [];
      for (const { from, to, edges } of spans) {
        counts.push(await this.#dear.inTurns(this.#state.counting(from, to, now, scope, edges)));
      }
      return counts;
    });
  }

  async online(
    span: AskedSpan,
    now: number,
    scope: Scope,
  ): Promise<{ counts: WindowCount[]; sockets: number }> {
    return { counts: await this.count([span], now, scope), sockets: this.#openSockets.total(Date.now()) };
  }

  async noteSockets(gate: string, open: number): Promise<void> {
    this.#openSockets.note(gate, open, Date.now());
    this.#forgetAnswers();
    await this.ctx.storage.sync();
  }

  async socketReports(): Promise<SocketReport[]> {
    return this.#openSockets.reports(Date.now());
  }

  async engagement(scope: Scope, now: number): Promise<EngagementAnswer["metrics"]> {
    return this.#dear.letIn(() => this.#dear.inTurns(engagementTurns(this.#state, scope, now)));
  }

  async timeseries(question: TimeseriesQuestion, now: number): Promise<PointRow[] | TooMuch> {
    return (
      tooManyPoints(this.#state, question, now) ??
      this.#dear.letIn(() => this.#dear.inTurns(timeseriesTurns(this.#state, question, now)))
    );
  }

  async retention(
    interval: Interval,
    cohorts: number,
    periods: number,
    now: number,
    scope: Scope = { of: "everyone" },
  ): Promise<CohortRow[] | TooMuch> {
    const question = { interval, cohorts, periods, scope };
    return tooManyCohorts(this.#state, question, now) ?? retention(this.#state, question, now);
  }

  async lifecycle(interval: Interval, periods: number, now: number, series: string): Promise<LifecycleRow[]> {
    return lifecycle(this.#state, interval, periods, now, series);
  }

  async power(days: number, to: number, now: number, series: string): Promise<PowerRows> {
    return power(this.#state, days, to, now, series);
  }

  async growth(interval: Interval, periods: number, now: number): Promise<GrowthRow[]> {
    // What had to be computed is kept.
    return this.#transact(() => growth(this.#state, interval, periods, now));
  }

  async metrics(now: number): Promise<MetricsSnapshot> {
    return metricsSnapshot(this.#state, now, this.#openSockets.total(Date.now()), this.#habits);
  }

  async sketch(
    from: number,
    to: number,
    now: number,
    series: string,
    side: "added" | "removed",
  ): Promise<EncodedSketch> {
    const present = this.#state.present(now, { of: "series", series });
    const { pieces, ...covered } = this.#state.cover(from, to, present);
    const reason = this.#state.whyBlank(covered, now);
    const sketch = reason === null ? encode(this.#state.people(pieces, series)[side]) : null;
    return { ...covered, reason, sketch };
  }

  async exportPage(cursor: string, limit: number): Promise<{ text: string; cursor: string }[]> {
    const page = exportPage(this.#state, this.#store, this.#name.app, cursor, limit);
    return page.map((line) => ({ text: encodeLine(line.record, line.cursor), cursor: line.cursor }));
  }

  async importRecords(
    records: ExportRecord[],
    withSettings: boolean,
    keyRevision = 0,
  ): Promise<string | null> {
    const how = { withSettings, keyRevision };
    const complaint = this.#change(() => importRecords(this.#state, this.#store, records, how, Date.now()));
    if (!this.#hadActivity) this.#hasRecomputed = false;
    await this.#armAlarm();
    await this.ctx.storage.sync();
    return complaint;
  }

  async status(): Promise<RollupStatus> {
    return {
      sketches: Number(this.ctx.storage.sql.exec("SELECT count(*) AS count FROM sketch").one()["count"]),
      storedBytes: this.ctx.storage.sql.databaseSize,
      firstDay: this.#state.firstDay(),
      alarmAt: await this.ctx.storage.getAlarm(),
      webhooks: this.#webhooks.outcomes(),
    };
  }

  async config(): Promise<AppConfig> {
    return this.#state.settings.config();
  }

  async aliasNews(seq: number, shard: number): Promise<AliasNews> {
    return this.#state.identities.news(seq, shard);
  }

  async changeAliases(changes: AliasChange[]): Promise<number[]> {
    const shards = this.#change(() => this.#state.identities.change(changes));
    await this.ctx.storage.sync();
    return shards;
  }

  async movePasts(changes: { change: AliasChange; claim: Claim }[]): Promise<PastOutcome[]> {
    const outcomes = this.#change(() =>
      changes.map(({ change, claim }) => this.#state.identities.movePast(change, claim)),
    );
    await this.ctx.storage.sync();
    return outcomes;
  }

  async changeSettings(change: SettingsChange): Promise<AppConfig & { complaint?: string }> {
    const { settings } = this.#state;
    const complaint = this.#change(() => settings.change(change, Date.now()));
    if (change.webhooks !== undefined) {
      // Whoever sets one waits to see that it works.
      this.#hasRecomputed = false;
      await this.#armAlarm();
    }
    await this.ctx.storage.sync();
    return { ...settings.config(), ...(complaint !== null && { complaint }) };
  }

  async annotations(): Promise<Annotation[]> {
    return this.#state.annotations.list();
  }

  async putAnnotation(annotation: Annotation): Promise<string | null> {
    const complaint = this.#change(() => this.#state.annotations.put([annotation]));
    await this.ctx.storage.sync();
    return complaint;
  }

  async removeAnnotation(day: string): Promise<void> {
    this.#change(() => this.#state.annotations.remove(day));
    await this.ctx.storage.sync();
  }

  async revokeTokens(): Promise<AppConfig> {
    const { settings } = this.#state;
    this.#change(() => settings.revokeTokens());
    await this.ctx.storage.sync();
    return settings.config();
  }

  override async alarm(): Promise<void> {
    this.#hasRecomputed = true;
    const now = Date.now();
    // What closes a day or deletes it can't be undone, so a clock that has jumped is waited for.
    const isSure = this.#change(() => isClockSure(this.#store, now));
    if (isSure) {
      this.#change(() => {
        this.#state.recordHistory(now);
        this.#state.expire(now);
      });
      this.#transact(() => keepGrowth(this.#state, now));
    }
    this.#habits = habits(this.#state, now);
    // The figures that everybody asks for are ready before anybody does.
    const { active } = await this.metrics(now);
    const nextHour = hourlyAlarm(Date.now());
    // Before anything that waits for others.
    await this.ctx.storage.setAlarm(nextHour);
    this.#hadActivity = this.#state.firstDay() !== null;
    const mau = this.#hadActivity ? (active.at(-1)?.count ?? 0) : null;
    const isListed = await listApp(this.env, this.ctx.id.name ?? "", mau);
    if (isSure) this.#transact(() => this.#webhooks.note(now));
    const nextDelivery = await this.#webhooks.send(now);
    const retryAt = isListed ? Infinity : Date.now() + listRetryMs;
    const soonest = Math.min(nextHour, retryAt, nextDelivery ?? Infinity);
    if (soonest < nextHour) await this.ctx.storage.setAlarm(soonest);
  }

  /** `#transact`, where what is asked may be answered in another way from then on. */
  #change<Result>(work: () => Result): Result {
    const result = this.#transact(work);
    this.#forgetAnswers();
    return result;
  }

  /** Has the Workers of this isolate ask again. Others do within a second. */
  #forgetAnswers(): void {
    isolateOf(this.env).recentAnswers.forget(this.#name.app);
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

  /** Sees to it that it recomputes soon after a start, and every hour. */
  async #armAlarm(): Promise<void> {
    const alarm = soonAlarm(await this.ctx.storage.getAlarm(), this.#hasRecomputed, Date.now());
    this.#hasRecomputed = true;
    if (alarm !== null) await this.ctx.storage.setAlarm(alarm);
  }
}
