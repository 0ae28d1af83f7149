import { waitUntil } from "cloudflare:workers";
import type { ActivityPart } from "../counting/sketch-parts.ts";
import { ActivityBatch } from "../ingest/activity-batch.ts";
import { type BeatRules, Ingest } from "../ingest/ingest.ts";
import type { App } from "./app.ts";
import type { Outboxes } from "./outboxes.ts";
import { recordIn } from "./record-in.ts";
import type { TokenSession } from "./token-session.ts";

/** By whom and how activity is handed to the shards. */
interface Way {
  /** The token that is to be judged along with it. */
  token?: TokenSession | null;
  /** Where a shard should be that is not there yet. */
  hint?: DurableObjectLocationHint | undefined;
  /** For how many commit windows it is gathered with that of others. */
  windows?: number;
}

/** The pipeline that every door to writing uses. */
export function ingestFor(
  app: App,
  outboxes: Outboxes,
  rules: Omit<BeatRules, "hasher" | "calendar" | "counters" | "dimensions" | "allowedValues">,
  { token = null, hint, windows = 0 }: Way = {},
): Ingest {
  const { hasher, calendar, settings, counters } = app;
  return new Ingest(
    new ActivityBatch(calendar, settings.shards, settings.resolution),
    async (shard, parts) => {
      const use = token?.useWith(shard) ?? null;
      const record = (all: ActivityPart[]) => recordIn(app, shard, all, use, hint);
      // A token is judged along with what comes with it, which so goes alone.
      if (use === null) return outboxes.of(app, shard, windows).send(parts, record, waitUntil);
      token?.judge(await record(parts));
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
