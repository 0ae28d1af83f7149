import * as z from "zod";
import { decodeBase64, encodeBase64 } from "../bytes.ts";
import { hiddenSecret } from "../counting/app-settings.ts";
import { watchedMetrics, type Webhook, webhookEvents } from "../counting/webhooks.ts";
import { webhookLimits } from "../limits.ts";

/** How a secret begins that was given or made, as Standard Webhooks has it, and how one that is kept. */
const secretPrefix = "whsec_";
export const sealedPrefix = "sealed_";

/** Bytes of a secret: what Standard Webhooks asks for. */
const secretBytes = { min: 24, max: 64 };

const urlError = {
  error: "expected a URL by https without a password, of at most 2048 characters",
};
const secretError = {
  error: `expected ${secretPrefix} and ${secretBytes.min} to ${secretBytes.max} bytes in base64, ${hiddenSecret} to keep the secret of this URL, or no secret, so that one is made`,
};
const eventsError = { error: `expected a list of some of ${webhookEvents.join(", ")}` };
const thresholdError = {
  error: `expected thresholds such as {"metric":"dau","below":100}: a metric of ${watchedMetrics.join(", ")}, and either above or below`,
};
const webhooksError = {
  error: `expected a list of at most ${webhookLimits.most} webhooks such as {"url":"https://example.com/headcount","events":["daily","drop"]}, each with another URL`,
};

const people = z.int(thresholdError).min(1, thresholdError).max(1e12, thresholdError).optional();

const thresholdSchema = z
  .strictObject(
    { metric: z.enum(watchedMetrics, thresholdError), above: people, below: people },
    thresholdError,
  )
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), thresholdError);

const eventsSchema = z
  .array(z.enum(webhookEvents, eventsError), eventsError)
  .refine((events) => new Set(events).size === events.length, eventsError);

const webhookSchema = z
  .strictObject(
    {
      url: z.string(urlError).max(2048, urlError).refine(isUrl, urlError),
      secret: z.string(secretError).refine(isSecret, secretError).optional(),
      events: eventsSchema.optional(),
      thresholds: z
        .array(thresholdSchema, thresholdError)
        .max(webhookLimits.thresholds, { error: `expected at most ${webhookLimits.thresholds} thresholds` })
        .optional(),
    },
    webhooksError,
  )
  .refine(({ events = [], thresholds = [] }) => events.length + thresholds.length > 0, {
    error: `expected something to tell of: events, some of ${webhookEvents.join(", ")}, or thresholds`,
  });

/** Where reports and alerts are sent, as it is set. */
export const webhooksSchema = z
  .array(webhookSchema, webhooksError)
  .max(webhookLimits.most, webhooksError)
  .refine((webhooks) => new Set(webhooks.map(({ url }) => url)).size === webhooks.length, webhooksError);

/** The setting as it is answered, with everything filled in. */
export const shownWebhooksSchema = z.array(
  z.strictObject({
    url: z.string(),
    secret: z.string(),
    events: eventsSchema,
    thresholds: z.array(thresholdSchema),
  }),
);

/** The setting with everything filled in; a secret is still as it was given, and empty where one is to be made. */
export function readWebhooks(set: z.infer<typeof webhooksSchema>): Webhook[] {
  return set.map(({ url, secret = "", events = [], thresholds = [] }) => ({
    url,
    secret,
    events,
    thresholds,
  }));
}

/** The bytes of a secret, or null where it isn't one. */
export function webhookKey(secret: string): Uint8Array<ArrayBuffer> | null {
  if (!secret.startsWith(secretPrefix)) return null;
  try {
    const bytes = decodeBase64(secret.slice(secretPrefix.length));
    return bytes.length >= secretBytes.min && bytes.length <= secretBytes.max ? bytes : null;
  } catch {
    return null;
  }
}

/** The secret of these bytes. */
export function webhookSecret(bytes: Uint8Array): string {
  return secretPrefix + encodeBase64(bytes);
}

/** By https, or by http: whether that may be asked the service decides, which knows whom it may ask. */
function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ["https:", "http:"].includes(protocol) && username === "" && password === "";
}

/** One that was sealed is in an export. */
function isSecret(text: string): boolean {
  return text === hiddenSecret || webhookKey(text) !== null || /^sealed_[A-Za-z0-9_-]{60,200}$/.test(text);
}
