import { App } from "../../worker/app/app.ts";
import { Apps } from "../../worker/app/apps.ts";
import { Outbox } from "../../worker/app/outbox.ts";
import { AppSettings } from "../../worker/counting/app-settings.ts";
import { GroupCommit } from "../../worker/counting/group-commit.ts";
import { Identities } from "../../worker/counting/identities.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { ShardState } from "../../worker/counting/shard-state.ts";
import { SketchCache } from "../../worker/counting/sketch-cache.ts";
import { Gate } from "../../worker/objects/gate.ts";
import type { Socket } from "../../worker/live/socket.ts";
import { Rollup } from "../../worker/objects/rollup.ts";
import { Shard } from "../../worker/objects/shard.ts";
import { TokenBook } from "../../worker/tokens/token-book.ts";
import { rememberTooSoon, replace, rewrite, sharedBy } from "./plant.ts";
import { sabotage } from "./sabotage.ts";

const nothing = "SELECT 1";

/** Mistakes that somebody might make, each planted for a while. The simulation must find every one of them. */
export const faults: Record<string, () => () => void> = {
  "a beat is acknowledged before its commit": () =>
    replace(
      GroupCommit.prototype,
      "join",
      (join) =>
        async function (this: GroupCommit) {
          join.call(this).catch(() => {});
        },
    ),
  "what is durable is not waited for": () => {
    sabotage.isDurableTooSoon = true;
    return () => {
      delete sabotage.isDurableTooSoon;
    };
  },
  "a commit writes no log": () => rewrite(/^INSERT INTO log/, nothing),
  "the log forgets what was not pushed yet": () => rewrite(/^DELETE FROM log/, "DELETE FROM log"),
  "a push that failed is taken for one that worked": () =>
    replace(
      ShardState.prototype,
      "push",
      (push) =>
        function (this: ShardState, absorb, now) {
          return push.call(this, (parts, counters) => absorb(parts, counters).catch(() => {}), now);
        },
    ),
  "only the shards of the moment are asked to push": () =>
    replace(
      Rollup.prototype,
      "config",
      (config) =>
        async function (this: Rollup) {
          return { ...(await config.call(this)), shardsEver: 1 };
        },
    ),
  "absorbing overwrites what was there": () => replace(SketchCache.prototype, "read", () => () => null),
  "an edge remembers a beat before it is durable": rememberTooSoon,
  "an edge answers from memory what would be counted now": () =>
    replace(App.prototype, "renewStanding", () => () => {}),
  "whoever shares a call is acknowledged before it": () =>
    replace(
      Outbox.prototype,
      "send",
      sharedBy(() => {}),
    ),
  "a call that fails takes along who shares it": () =>
    replace(
      Outbox.prototype,
      "send",
      sharedBy((sent) => sent.catch(() => {})),
    ),
  "memory keeps what a failed write took back": () =>
    replace(RollupState.prototype, "forget", () => () => {}),
  "a shard never learns who counts as whom": () =>
    replace(Shard.prototype, "learnAliases", () => async () => {}),
  "a shard that learns leaves what it has recorded for later": () => {
    let isLearning = 0;
    const undo = [
      replace(
        Shard.prototype,
        "learnAliases",
        (learn) =>
          function (this: Shard) {
            isLearning++;
            return learn.call(this).finally(() => isLearning--);
          },
      ),
      replace(
        GroupCommit.prototype,
        "join",
        (join) =>
          function (this: GroupCommit) {
            return isLearning > 0 ? Promise.resolve() : join.call(this);
          },
      ),
    ];
    return () => undo.forEach((each) => each());
  },
  "a user's former shards learn nothing": () =>
    replace(
      Rollup.prototype,
      "changeAliases",
      (change) =>
        async function (this: Rollup, wanted) {
          await change.call(this, wanted);
          const { settings } = await this.config();
          return wanted.map(({ user }) => user.shardHash % settings.shards);
        },
    ),
  "news that were overtaken are believed": () =>
    replace(
      ShardState.prototype,
      "learn",
      (learn) =>
        function (this: ShardState, { seq, aliases }) {
          learn.call(this, { seq: Math.max(seq, (this.aliasSeq ?? -1) + 1), aliases });
        },
    ),
  "nobody is removed": () =>
    replace(
      SketchCache.prototype,
      "merge",
      (merge) =>
        function (this: SketchCache, of, risen) {
          return of.series.startsWith("-") ? false : merge.call(this, of, risen);
        },
    ),
  "somebody is moved away and arrives nowhere": () => {
    let isMoving = false;
    const undo = [
      replace(
        Identities.prototype,
        "movePast",
        (move) =>
          function (this: Identities, ...rest) {
            isMoving = true;
            try {
              return move.call(this, ...rest);
            } finally {
              isMoving = false;
            }
          },
      ),
      replace(
        SketchCache.prototype,
        "merge",
        (merge) =>
          function (this: SketchCache, of, risen) {
            return isMoving && !of.series.startsWith("-") ? false : merge.call(this, of, risen);
          },
      ),
    ];
    return () => undo.forEach((each) => each());
  },
  "the SDK forgets what it could not send": () => {
    sabotage.store = (text) => text.replaceAll(/"unsent":"[0-9,]*"/g, '"unsent":""');
    return () => {
      delete sabotage.store;
    };
  },
  "a gate never reads when it was pinged": () => replace(Gate.prototype, "alarm", () => async () => {}),
  "a gate forgets when it last read as it hibernates": () => {
    sabotage.hibernate = (attachment) => {
      const socket = attachment as Socket | null;
      return socket?.phase === "counted" ? { ...socket, readAt: socket.countedAt } : socket;
    };
    return () => {
      delete sabotage.hibernate;
    };
  },
  "a gate closes a socket before it looks at its last ping": () =>
    replace(
      Gate.prototype,
      "webSocketClose",
      (hear) =>
        function (this: Gate, socket, code, reason) {
          socket.close(1000, reason);
          return hear.call(this, socket, code, reason);
        },
    ),
  "a revoked token is good": () => replace(TokenBook.prototype, "revoke", () => () => true),
  "revoking everybody's tokens revokes none": () =>
    replace(AppSettings.prototype, "revokeTokens", () => () => {}),
  "a token that had been replaced is good": () =>
    replace(
      TokenBook.prototype,
      "use",
      (use) =>
        function (this: TokenBook, ...asked) {
          const verdict = use.apply(this, asked);
          return !verdict.isGood && verdict.reason === "token-reused"
            ? { isGood: true, rotateTo: null }
            : verdict;
        },
    ),
  "a copied token voids no other": () => {
    sabotage.exec = (_, query, bindings) =>
      query.startsWith("INSERT OR REPLACE INTO token") && bindings[8] === 1 ? [nothing, []] : null;
    return () => {
      delete sabotage.exec;
    };
  },
  "a token is void as soon as it is replaced": () =>
    replace(
      TokenBook.prototype,
      "use",
      (use) =>
        function (this: TokenBook, id, token, terms, now) {
          return use.call(this, id, token, { ...terms, minTtlMs: 0 }, now);
        },
    ),
  "what comes with a refused token is recorded": () =>
    replace(
      Shard.prototype,
      "record",
      (record) =>
        async function (this: Shard, parts, counters, use) {
          await record.call(this, parts, counters);
          return record.call(this, [], {}, use);
        },
    ),
  "settings that don't go together are stored all the same": () =>
    replace(
      AppSettings.prototype,
      "change",
      (change) =>
        function (this: AppSettings, wanted, now) {
          const complaint = change.call(this, wanted, now);
          if (complaint === null) return null;
          sabotage.exec = (_, query, [name = null, value = null]) =>
            name === "settings"
              ? [query, [name, JSON.stringify({ ...JSON.parse(String(value)), ...wanted })]]
              : null;
          try {
            change.call(this, {}, now);
          } finally {
            delete sabotage.exec;
          }
          return complaint;
        },
    ),
  "an edge never reads settings again": () =>
    replace(
      Apps.prototype,
      "open",
      (open) =>
        function (this: Apps, name) {
          return open.call(this, name, 0);
        },
    ),
  "an import overwrites what was there": () => {
    let isImporting = false;
    const undo = [
      replace(
        Rollup.prototype,
        "importRecords",
        (take) =>
          function (this: Rollup, ...asked) {
            isImporting = true;
            const taken = take.apply(this, asked);
            isImporting = false;
            return taken;
          },
      ),
      replace(
        SketchCache.prototype,
        "read",
        (read) =>
          function (this: SketchCache, of) {
            return isImporting ? null : read.call(this, of);
          },
      ),
    ];
    return () => undo.forEach((each) => each());
  },
  "an import forgets who counts as whom": () => replace(Identities.prototype, "adopt", () => () => null),
  "an export that goes on leaves out a line": () =>
    replace(
      Rollup.prototype,
      "exportPage",
      (page) =>
        async function (this: Rollup, cursor, limit) {
          const lines = await page.call(this, cursor, limit);
          return cursor.startsWith("sketch") ? lines.slice(1) : lines;
        },
    ),
};
