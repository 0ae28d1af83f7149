import type { AppContext } from "./apps.ts";
import type { Env } from "../env.ts";
import { ActivityBatch } from "../ingest/activity-batch.ts";
import { type BeatRules, Ingest } from "../ingest/ingest.ts";
import { callObject } from "./call-object.ts";
import { shardName } from "./object-names.ts";
import type { TokenSession } from "./token-session.ts";

/** The pipeline that every door to writing uses. */
export function ingestFor(
  env: Env,
  context: AppContext,
  rules: Pick<BeatRules, "now" | "maxAgeMs" | "facts" | "isBot" | "owner">,
  token: TokenSession | null = null,
  hint?: DurableObjectLocationHint,
): Ingest {
  const { name, hasher, calendar, config, acknowledged, tally } = context;
  return new Ingest(
    new ActivityBatch(calendar, config.settings.shards, acknowledged),
    async (shard, parts) => {
      const use = token?.useWith(shard) ?? null;
      const verdict = await callObject(
        env.SHARDS,
        shardName(name, shard),
        async (stub) => stub.record(parts, tally.take(), use),
        hint,
      );
      if (use !== null) token?.judge(verdict);
    },
    { ...rules, hasher, calendar, tally, dimensions: config.settings.dimensions },
  );
}
