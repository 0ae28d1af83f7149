import type { WebhookRow } from "../../sdk/answers.ts";

/** The roll-up's row of `/v1/status`: what a reader must know to ask. */
export interface AppFacts {
  part: "rollup";
  /** The start of the oldest day with activity, or null before there is any. */
  firstDay: string | null;
  timeZone: string;
  dimensions: string[];
  /** Declared dimensions that nothing fills here, and why. */
  unfilled?: { dimension: string; reason: string }[];
  /** What became of the last message to each webhook, in the order of the settings. */
  webhooks?: WebhookRow[];
}

export interface StatusAnswer {
  app: string;
  parts: ({ part: "shard" | "gate" } | AppFacts)[];
}

/** What `GET /v1/share` tells the page of a shared view. */
export interface ShareAnswer {
  app: string;
  at: string;
  definition: "share/1";
  /** What is shown, as `readSharedView` reads it. */
  view: string;
  timeZone: string;
  firstDay: string | null;
  /** The dimension of its split, if it has one. */
  dimensions: string[];
}
