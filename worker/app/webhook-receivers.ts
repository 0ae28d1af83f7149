import type { Webhook } from "../counting/webhooks.ts";
import type { Env } from "../env.ts";
import { outsideUrl } from "../http/outside-url.ts";
import type { Result } from "../result.ts";
import { type Outside, outsideOf } from "./outside.ts";

/** How receivers of webhooks are reached. */
export function receiversOf({ WEBHOOK_ALLOW, PRIVATE_NETWORK }: Env): Outside {
  return outsideOf(WEBHOOK_ALLOW, PRIVATE_NETWORK);
}

/** The URL of a webhook as one that may be sent to, or in words why it may not. */
export function receiverUrl(url: string, allowed: readonly string[]): Result<URL> {
  return outsideUrl(url, allowed, { name: "webhooks", variable: "HEADCOUNT_WEBHOOK_ALLOW" });
}

/** Why one of these webhooks may not be sent to: in words, or null. */
export function complaintAboutReceivers(
  webhooks: readonly Webhook[] = [],
  allowed: readonly string[],
): string | null {
  for (const { url } of webhooks) {
    const receiver = receiverUrl(url, allowed);
    if (!receiver.ok) return receiver.error;
  }
  return null;
}
