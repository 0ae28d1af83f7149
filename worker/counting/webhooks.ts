/** What a webhook can be told of, besides thresholds. */
export const webhookEvents = ["daily", "weekly", "spike", "drop", "silence"] as const;

/** A figure of a closed day that is watched. */
export const watchedMetrics = ["dau", "wau", "mau"] as const;

/** Tells once a figure is above or below a number, and once it no longer is. */
export interface Threshold {
  metric: (typeof watchedMetrics)[number];
  /** One of the two is there. */
  above?: number | undefined;
  below?: number | undefined;
}

/** Where reports and alerts of an app are sent. */
export interface Webhook {
  url: string;
  /** What deliveries are signed with; where it is kept, sealed. */
  secret: string;
  events: (typeof webhookEvents)[number][];
  thresholds: Threshold[];
}
