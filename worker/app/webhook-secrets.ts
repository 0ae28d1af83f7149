import { hiddenSecret } from "../counting/app-settings.ts";
import type { Webhook } from "../counting/webhooks.ts";
import { sealedPrefix, webhookKey, webhookSecret } from "../schemas/webhook-schema.ts";
import { openSecret, type Sealing, sealSecret } from "./settings-secret.ts";

/**
 * Webhooks as they may be stored: secrets that were given are sealed, missing ones are made, and hidden ones left to whoever keeps
 * them. `made` holds by URL the secrets that were made: they are shown once.
 */
export async function sealWebhooks(
  app: Sealing,
  webhooks: readonly Webhook[],
  now: number,
): Promise<{ webhooks: Webhook[]; made: Map<string, string> }> {
  const made = new Map<string, string>();
  const sealed = await Promise.all(
    webhooks.map(async (webhook) => {
      const { url, secret } = webhook;
      if (secret === hiddenSecret || secret.startsWith(sealedPrefix)) return webhook;
      const given = secret || webhookSecret(crypto.getRandomValues(new Uint8Array(32)));
      if (secret === "") made.set(url, given);
      return { ...webhook, secret: sealedPrefix + (await sealSecret(app, given, now)) };
    }),
  );
  return { webhooks: sealed, made };
}

/** The key with which a webhook's deliveries are signed. Throws a `Refusal` where it was stored under another `HEADCOUNT_SECRET`. */
export async function openWebhookKey(app: Sealing, { secret }: Webhook): Promise<Uint8Array<ArrayBuffer>> {
  const opened = await openSecret(app, secret.slice(sealedPrefix.length), "secret of a webhook");
  return webhookKey(new TextDecoder().decode(opened)) ?? opened;
}
