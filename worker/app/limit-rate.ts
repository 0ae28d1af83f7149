import { keyRing } from "./apps.ts";
import type { Env } from "../env.ts";
import { hex } from "../hex.ts";
import { addressOf } from "../http/address.ts";
import { RateLimits } from "../http/rate-limiter.ts";
import { maxRateBuckets, rates } from "../limits.ts";
import { Refusal } from "../http/problem.ts";

const limits = new RateLimits(maxRateBuckets);

/** Seconds over which the platform's limit counts: see `wrangler.toml`. */
const platformPeriodSeconds = 60;

/**
 * Bounds what one address may ask of one app. The platform's rate limit, where it is bound, counts requests over all of
 * a location; memory counts what they cost in this isolate. Addresses are hashed before they are used, and
 * never stored.
 *
 * @throws Refusal (429 with Retry-After)
 */
export async function limitRate(
  { request, env, now }: { request: Request; env: Env; now: number },
  app: string,
  what: keyof typeof rates,
  cost = 1,
): Promise<void> {
  const address = addressOf(request, env.ADDRESS_HEADER);
  if (address === null) return;
  const bucket = `${what}/${app}/${hex(await (await keyRing(env)).hashAddress(address))}`;
  const waitMs = limits.take(bucket, cost, rates[what], now);
  if (waitMs > 0) refuse(Math.ceil(waitMs / 1000));
  if (env.RATE_LIMIT !== undefined && !(await env.RATE_LIMIT.limit({ key: bucket })).success) {
    refuse(platformPeriodSeconds);
  }
}

function refuse(seconds: number): never {
  throw new Refusal(
    "too-many-requests",
    `too much from this address at once: expected to come again in ${seconds} s, with the same`,
    { "retry-after": String(seconds) },
  );
}
