import type { AppContext } from "../app-context.ts";
import type { Env } from "../env.ts";
import { ActivityBatch } from "../ingest/activity-batch.ts";
import { type BeatRules, Ingest } from "../ingest/ingest.ts";
import { callObject } from "../objects/call.ts";
import { shardName } from "../objects/names.ts";

/** The pipeline that every door to writing uses. */
export function ingestFor(
  env: Env,
  context: AppContext,
  rules: Pick<BeatRules, "now" | "maxAgeMs" | "facts" | "isBot">,
): Ingest {
  const { name, hasher, calendar, config, acknowledged, tally } = context;
  return new Ingest(
    new ActivityBatch(hasher, calendar, config.settings.shards, acknowledged),
    (shard, parts) =>
      callObject(env.SHARDS, shardName(name, shard), (stub) => stub.record(parts, tally.take())),
    { ...rules, calendar, tally, dimensions: config.settings.dimensions },
  );
}
