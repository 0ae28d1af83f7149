import { hex } from "../bytes.ts";
import { Refusal } from "../http/problem.ts";
import { rates } from "../limits.ts";
import type { SenderContext } from "./route-context.ts";

/** Seconds over which the platform's limit counts: see `wrangler.toml`. */
const platformPeriodSeconds = 60;

/**
 * Bounds what one address may ask of one app; see `secondsToWait`.
 *
 * @throws Refusal (429 with Retry-After)
 */
export async function limitRate(
  context: SenderContext,
  app: string,
  what: keyof typeof rates,
  cost = 1,
): Promise<void> {
  const seconds = await secondsToWait(context, app, what, cost);
  if (seconds === 0) return;
  throw new Refusal(
    "too-many-requests",
    `too many requests from this IP address: send the same request again in ${seconds} s`,
    { "retry-after": String(seconds) },
  );
}

/**
 * Takes what something costs out of what an address may ask of an app. Returns 0, or the seconds until there is
 * enough. The platform's rate limit, where it is bound, counts requests over all of a location; memory counts what they
 * cost in this isolate. Addresses are hashed before they are used, and never stored.
 */
export async function secondsToWait(
  { isolate, facts, now }: SenderContext,
  app: string,
  what: keyof typeof rates,
  cost = 1,
): Promise<number> {
  const { apps, env, rateLimiter } = isolate;
  if (facts.address === null) return 0;
  const bucket = `${what}/${app}/${hex(await (await apps.ring()).hashAddress(facts.address))}`;
  const waitMs = rateLimiter.take(bucket, cost, rates[what], now);
  if (waitMs > 0) return Math.ceil(waitMs / 1000);
  const isWithin = env.RATE_LIMIT === undefined || (await env.RATE_LIMIT.limit({ key: bucket })).success;
  return isWithin ? 0 : platformPeriodSeconds;
}
