import type {
  Annotation,
  CohortRow,
  EngagementAnswer,
  GrowthRow,
  LifecycleRow,
  PointRow,
} from "../sdk/wire.ts";
import type { AliasChange, AliasNews } from "./counting/aliases.ts";
import type { CounterValues } from "./counting/counters.ts";
import type { Outcome } from "./counting/deliveries.ts";
import type { Claim } from "./counting/move-past.ts";
import type { PastOutcome } from "./counting/identities.ts";
import type { Scope, WindowCount } from "./counting/rollup-state.ts";
import type { AppConfig, SettingsChange } from "./counting/app-settings.ts";
import type { ActivityPart, SketchPart } from "./counting/sketch-parts.ts";
import type { SocketReport } from "./live/open-sockets.ts";
import type { AppPlace } from "./query/app-list.ts";
import type { MetricsSnapshot } from "./query/openmetrics.ts";
import type { PowerRows } from "./query/power.ts";
import type { Interval } from "./query/retention.ts";
import type { TooMuch } from "./query/split-cost.ts";
import type { TimeseriesQuestion } from "./query/timeseries.ts";
import type { TokenTerms, TokenVerdict } from "./tokens/token-book.ts";
import type { ExportRecord } from "./transfer/export-line.ts";

/**
 * What the Worker and the Durable Objects say to each other.
 *
 * For some minutes after a deployment a Worker of one version talks to an object of another. So a method never changes
 * what it takes or gives in a way that the version before can't live with: parameters and members are added at the end
 * and are optional, and what is no longer used goes a release later.
 *
 * All instants are Unix milliseconds.
 */
export interface ShardRpc extends Rpc.DurableObjectBranded {
  /**
   * Resolves once the activity is durable. Says nothing about whether it was new. Activity that comes with a token that
   * isn't good is not recorded.
   */
  record(
    parts: ActivityPart[],
    counters?: CounterValues,
    use?: TokenUse | null,
  ): Promise<TokenVerdict | null>;
  /**
   * The generation of a new token for a client, by its id in `TokenStore`; resolves once that is durable. 0 where there is no room
   * for another client.
   */
  issueToken(id: Uint8Array, terms: TokenTerms, isVouchedFor?: boolean): Promise<number>;
  /** Revokes all tokens of a client (16 bytes) or of a user (8 bytes); resolves once that is durable. */
  revokeTokens(id: Uint8Array): Promise<void>;
  /** Resolves once this shard, and others by their names, count everybody as whom the roll-up says. */
  learnAliases(others?: readonly string[]): Promise<void>;
  /** Pushes to the roll-up; resolves once all that was acknowledged before, here and at others, is absorbed. */
  push(others?: readonly string[]): Promise<void>;
  /** What this shard, and others by their names, are doing; null for one that does not answer. */
  status(others?: readonly string[]): Promise<(ShardStatus | null)[]>;
}

/** How the error begins of an object that takes no more: an error of another object keeps nothing but its message. */
export const busyObject = "busy: ";

export interface RollupRpc extends Rpc.DurableObjectBranded {
  /**
   * Resolves once the parts are durable, with the roll-up's mark. Absorbing them again changes nothing. A roll-up of
   * another mark than the shard knows has taken the place of one that was lost, and refuses.
   */
  absorb(
    parts: SketchPart[],
    counters?: CounterValues,
    load?: ShardLoad | null,
    mark?: string | null,
  ): Promise<string>;
  /** How many people were active in each span by the asker's clock. */
  count(spans: AskedSpan[], now: number, scope: Scope): Promise<WindowCount[]>;
  /** Who was active in a span, as `count` tells it, and the open sockets. */
  online(span: AskedSpan, now: number, scope: Scope): Promise<{ counts: WindowCount[]; sockets: number }>;
  engagement(scope: Scope, now: number): Promise<EngagementAnswer["metrics"]>;
  timeseries(question: TimeseriesQuestion, now: number): Promise<PointRow[] | TooMuch>;
  retention(
    interval: Interval,
    cohorts: number,
    periods: number,
    now: number,
    scope?: Scope,
  ): Promise<CohortRow[] | TooMuch>;
  lifecycle(interval: Interval, periods: number, now: number, series: string): Promise<LifecycleRow[]>;
  /** On how many of some days, the last of which ends at `to`, each person of one series was active. */
  power(days: number, to: number, now: number, series: string): Promise<PowerRows>;
  growth(interval: Interval, periods: number, now: number): Promise<GrowthRow[]>;
  metrics(now: number): Promise<MetricsSnapshot>;
  /** A day's sketch, encoded, of those who were added or of those who were removed. */
  sketch(
    from: number,
    to: number,
    now: number,
    series: string,
    side: "added" | "removed",
  ): Promise<EncodedSketch>;
  /** A gate tells how many sockets of this app it holds. */
  noteSockets(gate: string, open: number): Promise<void>;
  /** What the gates that hold sockets of this app have told. */
  socketReports(): Promise<SocketReport[]>;
  config(): Promise<AppConfig>;
  /** Changes settings, unless they don't go together: then `complaint` says why, and nothing has changed. */
  changeSettings(change: SettingsChange): Promise<AppConfig & { complaint?: string }>;
  /** Voids every token that was handed out so far. */
  revokeTokens(): Promise<AppConfig>;
  /** What changed of the aliases since `seq`, for one shard. */
  aliasNews(seq: number, shard: number): Promise<AliasNews>;
  /** Resolves, once the changes are durable, with the shards that have to learn of them. */
  changeAliases(changes: AliasChange[]): Promise<number[]>;
  /** Resolves once the past counts as the present does. */
  movePasts(changes: { change: AliasChange; claim: Claim }[]): Promise<PastOutcome[]>;
  /** What was noted of days, the oldest first. */
  annotations(): Promise<Annotation[]>;
  /** Resolves, once it is durable, with why there was no room for it, or null. */
  putAnnotation(annotation: Annotation): Promise<string | null>;
  removeAnnotation(day: string): Promise<void>;
  /** The lines of an export after a cursor; none when all have been given. */
  exportPage(cursor: string, limit: number): Promise<{ text: string; cursor: string }[]>;
  /** Takes records of an export; resolves, once they are durable, with why they could not be taken, or null. */
  importRecords(records: ExportRecord[], withSettings: boolean, keyRevision?: number): Promise<string | null>;
  status(): Promise<RollupStatus>;
}

export interface DirectoryRpc extends Rpc.DurableObjectBranded {
  /**
   * Lists an app, or takes it off the list: resolves once that is durable.
   *
   * @param mau how many were active in the last 30 days, by which apps are ordered; null where nothing is kept of anybody
   */
  note(app: string, mau: number | null): Promise<void>;
  /** The next apps after a place, or the first ones: those with the most people first, then by name. */
  page(limit: number, after: AppPlace | null): Promise<AppPlace[]>;
}

export interface GateRpc extends Rpc.DurableObjectBranded {
  /** Takes a socket in, or answers 503 where there is no room for one. */
  fetch(request: Request): Promise<Response>;
  /** Counts who is connected, as far as that can be done, and closes all sockets: they are to connect again. */
  closeAll(): Promise<void>;
  status(): Promise<GateStatus>;
}

/** A stretch of time: `from` is included, `to` is not. */
interface Span {
  from: number;
  to: number;
}

/** A stretch of time to count, and what is to be done where its edges lie within periods that are kept as a whole. */
export interface AskedSpan extends Span {
  edges?: "outwards" | "between";
}

/** A token that is shown with activity: whose it is, by the client's id in `TokenStore`, and which. */
export interface TokenUse {
  id: Uint8Array;
  token: { generation: number; issuedAt: number };
  terms: TokenTerms;
}

/** What a shard had to do since it last pushed. */
export interface ShardLoad {
  shard: number;
  callsPerSecond: number;
}

/** What a shard is doing. */
export interface ShardStatus {
  pendingBytes: number;
  failedPushes: number;
  damagedRows: number;
  alarmAt: number | null;
  lastPushAt: number | null;
}

/** What a roll-up holds. */
export interface RollupStatus {
  sketches: number;
  storedBytes: number;
  firstDay: number | null;
  alarmAt: number | null;
  /** What became of the last message to each webhook, in the order of the settings; those of a release before say nothing. */
  webhooks?: { origin: string; outcome: Outcome | null }[];
}

/** What a gate is doing, over all apps. */
export interface GateStatus {
  sockets: number;
  awakeSince: number;
  alarmAt: number | null;
  starts: number;
  messages: number;
  alarms: number;
}

/** An encoded sketch, or why there is none. */
export interface EncodedSketch extends Span {
  sketch: Uint8Array | null;
  reason: string | null;
}
