import type { Settings } from "../../counting/app-settings.ts";

/** A webhook as it is set; without a secret, one is made. */
export type Webhook = Omit<Settings["webhooks"][number], "secret"> & { secret?: string };

export type WebhookEvent = Webhook["events"][number];

/** What each event is called. */
export const eventNames: Record<WebhookEvent, string> = {
  daily: "Daily report",
  weekly: "Weekly report",
  spike: "Unusually many people",
  drop: "Unusually few people",
  silence: "Nobody for hours",
};

/** What was filled in, as a webhook; null while something is missing. */
export function webhookOf(filled: {
  url: string;
  events: readonly WebhookEvent[];
  side: "none" | "below" | "above";
  people: string;
}): Webhook | null {
  const { events, side } = filled;
  const url = filled.url.trim();
  const people = Number(filled.people);
  if (!URL.canParse(url)) return null;
  if (side === "none") return events.length > 0 ? { url, events: [...events], thresholds: [] } : null;
  if (!Number.isSafeInteger(people) || people < 1) return null;
  return { url, events: [...events], thresholds: [{ metric: "dau", [side]: people }] };
}

const metricNames = { dau: "daily", wau: "weekly", mau: "monthly" };

/** What a webhook is told of, in words. */
export function wordsOf({ events, thresholds }: Webhook): string {
  return [
    ...events.map((event) => eventNames[event].toLowerCase()),
    ...thresholds.map(
      ({ metric, above, below }) =>
        `${metricNames[metric]} people ${above === undefined ? `below ${below}` : `above ${above}`}`,
    ),
  ].join(", ");
}
