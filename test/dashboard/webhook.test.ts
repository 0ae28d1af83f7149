import { expect, test } from "vitest";
import {
  eventNames,
  type WebhookEvent,
  webhookOf,
  wordsOf,
} from "../../worker/dashboard/settings/webhook.ts";
import { webhookEvents } from "../../worker/counting/webhooks.ts";
import { webhooksSchema } from "../../worker/schemas/webhook-schema.ts";

const url = "https://hooks.example/a";
const empty = { url, events: [] as WebhookEvent[], side: "none" as const, people: "" };

test("what is filled in becomes a webhook that the service takes, and nothing while something is missing", () => {
  for (const filled of [
    { ...empty, events: [...webhookEvents] },
    { ...empty, url: ` ${url} `, side: "below" as const, people: "100" },
    { ...empty, side: "above" as const, people: "5000", events: ["daily" as const] },
  ]) {
    const webhook = webhookOf(filled);
    expect(webhooksSchema.safeParse([webhook]).success).toBe(true);
    expect(webhook?.url).toBe(url);
  }
  expect(webhookOf({ ...empty, side: "below", people: "100" })?.thresholds).toEqual([
    { metric: "dau", below: 100 },
  ]);
  for (const missing of [
    empty,
    { ...empty, url: "hooks", events: ["daily" as const] },
    ...["", "0", "-1", "1.5", "many"].map((people) => ({ ...empty, side: "above" as const, people })),
  ]) {
    expect([missing, webhookOf(missing)]).toEqual([missing, null]);
  }
});

test("every event has a name, and a webhook is said in words", () => {
  expect(Object.keys(eventNames)).toEqual([...webhookEvents]);
  const thresholds = [
    { metric: "dau" as const, below: 100 },
    { metric: "mau" as const, above: 9000 },
  ];
  expect(wordsOf({ url, events: ["weekly", "drop"], thresholds })).toBe(
    "weekly report, unusually few people, daily people below 100, monthly people above 9000",
  );
});
