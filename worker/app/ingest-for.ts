import { ActivityBatch } from "../ingest/activity-batch.ts";
import { type BeatRules, Ingest } from "../ingest/ingest.ts";
import type { App } from "./app.ts";
import { recordIn } from "./record-in.ts";
import type { TokenSession } from "./token-session.ts";

/** The pipeline that every door to writing uses. */
export function ingestFor(
  app: App,
  rules: Omit<BeatRules, "hasher" | "calendar" | "counters" | "dimensions" | "allowedValues">,
  token: TokenSession | null = null,
  hint?: DurableObjectLocationHint,
): Ingest {
  const { hasher, calendar, settings, acknowledged, counters } = app;
  return new Ingest(
    new ActivityBatch(calendar, settings.shards, acknowledged),
    async (shard, parts) => {
      const use = token?.useWith(shard) ?? null;
      const verdict = await recordIn(app, shard, parts, use, hint);
      if (use !== null) token?.judge(verdict);
    },
    {
      ...rules,
      hasher,
      calendar,
      counters,
      dimensions: settings.dimensions,
      allowedValues: settings.allowedValues,
    },
  );
}
