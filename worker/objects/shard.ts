import { DurableObject } from "cloudflare:workers";
import { GroupCommit } from "../counting/group-commit.ts";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import type { CounterValues } from "../counting/counters.ts";
import { isClockSure } from "../counting/sure-clock.ts";
import { type ShardLog, ShardState } from "../counting/shard-state.ts";
import { commitWindowMs, type Env } from "../env.ts";
import { logError } from "../log.ts";
import type { MetaStore } from "../counting/meta-store.ts";
import type { RollupRpc, ShardLoad, ShardRpc, ShardStatus, TokenUse } from "../rpc.ts";
import { inJurisdiction } from "../app/jurisdiction.ts";
import { TokenBook, type TokenTerms, type TokenVerdict } from "../tokens/token-book.ts";
import {
  alarmOverdueMs,
  dayMs,
  firstPushMs,
  hourMs,
  maxPendingBytes,
  maxTokenRows,
  pushIntervalMs,
  pushRetryMs,
} from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { parseObjectName, rollupName } from "../app/object-names.ts";
import { metaOf } from "./meta-store.ts";
import { migrate, shardSteps } from "./schema.ts";
import { tokenStoreOf } from "./token-store.ts";

/** A load is told of a time no shorter than this. */
const minLoadMs = 5000;

/** One shard of one app: gives `ShardState` storage, a clock, alarms and the way to the roll-up. */
export class Shard extends DurableObject<Env> implements ShardRpc {
  readonly #state: ShardState;
  readonly #commits: GroupCommit;
  readonly #rollupName: string;
  readonly #index: number;
  #alarmAt: number | null = null;
  #lastPushAt = -Infinity;
  #failedPushes = 0;
  #calls = 0;
  #callsSince = Date.now();
  readonly #tokens: TokenBook;
  readonly #meta: MetaStore;
  #hasTokens = false;
  /** When expired tokens and aliases were dropped last: looking for them reads all rows, so once a day is enough, … */
  #expiredAt = -Infinity;
  /** … and an hour later where the clock had jumped. */
  #expireEveryMs = dayMs;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, inJurisdiction(env));
    migrate(ctx.storage, shardSteps);
    const name = parseObjectName(ctx.id.name ?? "");
    this.#rollupName = rollupName(name);
    this.#index = name.index;
    this.#state = new ShardState(logOf(ctx.storage), name.keyId);
    const { damagedRows } = this.#state;
    if (damagedRows > 0) {
      logError("log-damaged", undefined, { object: ctx.id.name, rows: damagedRows });
    }
    this.#meta = metaOf(ctx.storage);
    this.#tokens = new TokenBook(tokenStoreOf(ctx.storage));
    this.#commits = new GroupCommit(
      () => this.#commit(),
      commitWindowMs(env),
      (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      () => Date.now(),
    );
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
      // A new shard may be given users who were linked before there was it.
      if (this.#state.aliasSeq === null) await this.learnAliases();
    });
  }

  async record(
    parts: ActivityPart[],
    counters: CounterValues = {},
    use: TokenUse | null = null,
  ): Promise<TokenVerdict | null> {
    this.#calls++;
    this.#state.counters.add(counters);
    const verdict = use && this.#use(use);
    if (verdict === null || verdict.isGood) this.#state.record(parts);
    await this.#commits.join();
    // It is durable; but whoever sends more than can be held has to wait until there is room.
    if (this.#state.pendingBytes > maxPendingBytes) await this.#push();
    return verdict;
  }

  async issueToken(id: Uint8Array, terms: TokenTerms, isVouchedFor = false): Promise<number> {
    const most = isVouchedFor ? maxTokenRows.all : maxTokenRows.unverified;
    const generation = this.#tokens.issue(id, terms, Date.now(), most);
    if (generation === 0) return 0;
    this.#state.counters.note("tokens_issued");
    if (this.#alarmAt === null) await this.#wakeIn(dayMs);
    await this.#commits.join();
    return generation;
  }

  async revokeTokens(id: Uint8Array): Promise<void> {
    const isOfUser = id.length === 8;
    const clients = isOfUser ? this.#tokens.revokeUser(id) : Number(this.#tokens.revoke(id));
    if (clients > 0) this.#state.counters.note("tokens_revoked", clients);
    await this.#commits.join();
  }

  async learnAliases(others: readonly string[] = []): Promise<void> {
    const learnt = this.#atOthers(others, (shard) => shard.learnAliases());
    for (let hasMore = true; hasMore;) {
      const news = await this.#rollup.aliasNews(this.#state.aliasSeq ?? 0, this.#index);
      this.#state.learn(news);
      hasMore = news.hasMore ?? false;
    }
    // What was recorded by the old rule is durable too, so that the next push takes it along.
    await Promise.all([this.#commits.join(), learnt]);
  }

  async push(others: readonly string[] = []): Promise<void> {
    await Promise.all([this.#push(), this.#atOthers(others, (shard) => shard.push())]);
  }

  async status(others: readonly string[] = []): Promise<(ShardStatus | null)[]> {
    const states = await Promise.all(
      others.map((name) =>
        this.env.SHARDS.getByName(name)
          .status()
          .catch(() => [null]),
      ),
    );
    return [this.#status(), ...states.flat()];
  }

  /** Asks other shards the same, so that a caller need not ask them all. */
  async #atOthers(names: readonly string[], ask: (shard: ShardRpc) => Promise<void>) {
    await Promise.all(names.map((name) => callObject(this.env.SHARDS, name, ask)));
  }

  #status(): ShardStatus {
    return {
      pendingBytes: this.#state.pendingBytes,
      failedPushes: this.#failedPushes,
      damagedRows: this.#state.damagedRows,
      alarmAt: this.#alarmAt,
      lastPushAt: Number.isFinite(this.#lastPushAt) ? this.#lastPushAt : null,
    };
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      await this.#push();
    } catch (error) {
      // Not rethrown: the platform gives up on an alarm after six failures, and this one must never end.
      this.#failedPushes++;
      logError("push-failed", error, { failures: this.#failedPushes });
      const backOffMs = Math.min(pushRetryMs.cap, pushRetryMs.base * 2 ** this.#failedPushes);
      await this.#wakeIn(Math.random() * backOffMs);
      return;
    }
    this.#failedPushes = 0;
    const now = Date.now();
    if (Math.abs(now - this.#expiredAt) >= this.#expireEveryMs) this.#expire(now);
    await this.#armAlarm();
    if (this.#alarmAt === null && this.#hasTokens) await this.#wakeIn(this.#expireEveryMs);
  }

  #expire(now: number): void {
    const isSure = isClockSure(this.#meta, now);
    if (isSure) this.#state.expireAliases(now);
    this.#hasTokens = this.#tokens.expire(isSure ? now : -Infinity) !== null;
    this.#expiredAt = now;
    this.#expireEveryMs = isSure ? dayMs : hourMs;
  }

  #use({ id, token, terms }: TokenUse): TokenVerdict {
    const verdict = this.#tokens.use(id, token, terms, Date.now());
    if (!verdict.isGood)
      this.#state.counters.note(verdict.reason === "token-reused" ? "tokens_reused" : "tokens_refused");
    else if (verdict.rotateTo !== null) this.#state.counters.note("tokens_rotated");
    return verdict;
  }

  async #commit(): Promise<void> {
    this.#state.commit();
    await this.#armAlarm();
    await this.ctx.storage.sync();
  }

  async #push(): Promise<void> {
    this.#lastPushAt = Date.now();
    await this.#state.push(
      async (parts, counters) =>
        this.#noteMark(await this.#rollup.absorb(parts, counters, this.#takeLoad(), this.#rollupMark)),
      this.#lastPushAt,
    );
  }

  /** Which roll-up this shard's pushes went to: one that has taken its place is not to be taken for it. */
  get #rollupMark(): string | null {
    return this.#meta.getMeta("rollupMark") as string | null;
  }

  #noteMark(mark: string): void {
    // One of the release before has none.
    if (mark && mark !== this.#rollupMark) this.#meta.putMeta("rollupMark", mark);
  }

  /** Calls a second since it was last told, unless that is too short a time to tell anything. */
  #takeLoad(): ShardLoad | null {
    const now = Date.now();
    const elapsedMs = now - this.#callsSince;
    if (elapsedMs < minLoadMs) return null;
    const load = { shard: this.#index, callsPerSecond: (1000 * this.#calls) / elapsedMs };
    this.#calls = 0;
    this.#callsSince = now;
    return load;
  }

  /** A new stub each time: one is of no use once a call on it has failed. */
  get #rollup(): DurableObjectStub<RollupRpc> {
    return this.env.ROLLUPS.getByName(this.#rollupName);
  }

  /** Sees to it that a push comes while anything waits for one; an alarm that is long overdue was lost. */
  async #armAlarm(): Promise<void> {
    if (!this.#state.hasPending) return;
    const now = Date.now();
    const dueMs = Math.max(firstPushMs, this.#lastPushAt + pushIntervalMs - now);
    // An alarm further off than any push could wait is not a push's.
    const isArmed =
      this.#alarmAt !== null &&
      this.#alarmAt > now - alarmOverdueMs &&
      this.#alarmAt <= now + pushRetryMs.cap;
    if (!isArmed) await this.#wakeIn(dueMs);
  }

  async #wakeIn(ms: number): Promise<void> {
    this.#alarmAt = Date.now() + ms;
    await this.ctx.storage.setAlarm(this.#alarmAt);
  }
}

function logOf(storage: DurableObjectStorage): ShardLog {
  const { sql } = storage;
  return {
    aliases() {
      const [known] = sql.exec<{ seq: number }>("SELECT seq FROM alias_seq").toArray();
      const rows = sql.exec<{ entry: number; target: number | null }>("SELECT entry, target FROM alias");
      return {
        seq: known?.seq ?? null,
        targets: new Map(Array.from(rows, ({ entry, target }) => [entry, target])),
      };
    },
    putAliases({ seq, aliases }) {
      storage.transactionSync(() => {
        sql.exec("DELETE FROM alias_seq");
        sql.exec("INSERT INTO alias_seq (seq) VALUES (?)", seq);
        for (const { entry, target, until = null } of aliases) {
          sql.exec(
            "INSERT OR REPLACE INTO alias (entry, target, until) VALUES (?, ?, ?)",
            entry,
            target,
            until,
          );
        }
      });
    },
    dropAliases(now) {
      const rows = sql.exec<{ entry: number }>("DELETE FROM alias WHERE until <= ? RETURNING entry", now);
      return Array.from(rows, ({ entry }) => entry);
    },
    append(rows) {
      storage.transactionSync(() => {
        for (const row of rows) sql.exec("INSERT INTO log (parts) VALUES (?)", row);
      });
    },
    appendUnread(rows) {
      storage.transactionSync(() => {
        for (const [index, row] of rows.entries()) {
          sql.exec("INSERT OR REPLACE INTO log (seq, parts) VALUES (?, ?)", -index, row);
        }
      });
    },
    *rows() {
      for (const { seq, parts } of sql.exec<{ seq: number; parts: ArrayBuffer }>(
        "SELECT seq, parts FROM log WHERE seq > 0 ORDER BY seq",
      )) {
        yield { seq, row: new Uint8Array(parts) };
      }
    },
    putAside(seq) {
      storage.transactionSync(() => {
        sql.exec("INSERT OR REPLACE INTO damaged SELECT seq, parts FROM log WHERE seq = ?", seq);
        sql.exec("DELETE FROM log WHERE seq = ?", seq);
      });
    },
    damaged() {
      return Number(sql.exec("SELECT count(*) AS count FROM damaged").one()["count"]);
    },
    dropThrough(seq) {
      sql.exec("DELETE FROM log WHERE seq <= ?", seq);
    },
    lastSeq() {
      return Number(sql.exec("SELECT max(seq) AS seq FROM log").one()["seq"] ?? 0);
    },
  };
}
