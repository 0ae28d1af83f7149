import type { JWTVerifyGetKey } from "jose";
import { Calendar } from "../counting/calendar.ts";
import type { AppConfig } from "../counting/settings.ts";
import { Tally } from "../counting/counters.ts";
import { decodeBase64Url, encodeBase64Url, utf8 } from "../bytes.ts";
import type { Env } from "../env.ts";
import { Acknowledged } from "../ingest/acknowledged.ts";
import { type Grant, KeyRing } from "./keys.ts";
import { UserHasher } from "../ingest/user-hash.ts";
import { maxAcknowledged, maxBeatLeadMs, maxRememberedApps, settingsTtlMs } from "../limits.ts";
import { callObject } from "./call-object.ts";
import { type ObjectName, rollupName } from "./object-names.ts";
import { Refusal } from "../http/problem.ts";
import { seal, unseal } from "../tokens/seal.ts";
import { appOfToken, openToken, type TokenClaims } from "../tokens/sealed-token.ts";

/** What a Worker knows of an app while it serves it. */
export interface AppContext {
  readonly name: ObjectName;
  readonly hasher: UserHasher;
  readonly acknowledged: Acknowledged;
  /** What happened here and is yet to be told to the roll-up, with the next beats that go its way. */
  readonly tally: Tally;
  /** Seals and opens the app's tokens. */
  readonly tokenKey: CryptoKey;
  /** The public keys that sign identities, for as long as the settings name this URL. */
  identityKeys: { url: string; get: JWTVerifyGetKey } | null;
  config: AppConfig;
  calendar: Calendar;
  /** When the config was read, Unix milliseconds. */
  readAt: number;
}

// Plain data only: a promise, stub or stream of one request is of no use to another.
let held: { secret: string | undefined; ring: KeyRing; apps: Map<string, AppContext> } | null = null;

/** Whom a key speaks for, and that app's context. Throws a `Refusal` when it is missing, not valid or retired. */
export async function authenticate(
  env: Env,
  key: string | null | undefined,
  now: number,
): Promise<Grant & { context: AppContext }> {
  if (!key) {
    throw new Refusal("credentials-missing", "expected a key of the app: see `npm run keys -- APP`", {
      "www-authenticate": "Bearer",
    });
  }
  const grant = await (await ringOf(env)).ring.verify(key);
  if (grant === null) {
    throw new Refusal(
      "credentials-invalid",
      "the key is malformed, or was made from another secret",
      invalidToken,
    );
  }
  const context = await appContext(env, grant.app, now);
  if (grant.revision < context.config.settings.keyRevision) {
    throw new Refusal(
      "credentials-invalid",
      `the key is retired: expected one of revision ${context.config.settings.keyRevision} or later`,
      invalidToken,
    );
  }
  return { ...grant, context };
}

export const invalidToken = { "www-authenticate": 'Bearer error="invalid_token"' };

/** The context of an app that a valid key names. Its settings are at most `settingsTtlMs` old. */
export async function appContext(env: Env, app: string, now: number): Promise<AppContext> {
  const { ring, apps } = await ringOf(env);
  let context = apps.get(app);
  if (context !== undefined && now - context.readAt < settingsTtlMs) return context;

  const hasher = context?.hasher ?? (await UserHasher.from(await ring.userHashKey(app)));
  const name = { app, keyId: hasher.keyId };
  const config = await callObject(env.ROLLUPS, rollupName(name), (stub) => stub.config());
  context = {
    name,
    hasher,
    acknowledged: acknowledgedUnder(config, context),
    tally: context?.tally ?? new Tally(),
    tokenKey: context?.tokenKey ?? (await ring.sealingKey(app, "token")),
    identityKeys: context?.identityKeys ?? null,
    config,
    calendar: new Calendar(config.zones),
    readAt: now,
  };
  apps.delete(app);
  apps.set(app, context);
  for (const oldest of apps.keys()) {
    if (apps.size <= maxRememberedApps) break;
    apps.delete(oldest);
  }
  return context;
}

/** The beats that need not be recorded again: none once somebody is counted again who was nobody until then. */
export function acknowledgedUnder(
  { inclusions }: AppConfig,
  before: Pick<AppContext, "acknowledged" | "config"> | null | undefined,
): Acknowledged {
  return before?.config.inclusions === inclusions ? before.acknowledged : new Acknowledged(maxAcknowledged);
}

/**
 * What a token says, and the context of the app that it is for. Throws a `Refusal` when it wasn't made here, was
 * changed, or has expired; whether it is still good besides, its shard knows.
 */
export async function authenticateToken(
  env: Env,
  token: string,
  now: number,
): Promise<{ claims: TokenClaims; context: AppContext }> {
  const app = appOfToken(token);
  const { ring, apps } = await ringOf(env);
  const claims =
    app && (await openToken(apps.get(app)?.tokenKey ?? (await ring.sealingKey(app, "token")), app, token));
  if (app === null || !claims || claims.issuedAt > now + maxBeatLeadMs) {
    throw new Refusal(
      "token-invalid",
      "the token is malformed, or was made for another app or from another secret: expected one of POST /v1/token",
      invalidToken,
    );
  }
  const context = await appContext(env, app, now);
  const expiresAt = Math.min(claims.expiresAt, claims.issuedAt + context.config.settings.tokenTtl * 1000);
  if (expiresAt <= now) {
    throw new Refusal(
      "token-expired",
      `the token ended at ${new Date(expiresAt).toISOString()}: get another by POST /v1/token`,
      invalidToken,
    );
  }
  return { claims, context };
}

/** A secret of the settings, as it may be stored. */
export async function sealSecret(env: Env, app: string, secret: string, now: number): Promise<string> {
  const key = await (await ringOf(env)).ring.sealingKey(app, "settings");
  return encodeBase64Url(await seal(key, secretContext, utf8(secret), now));
}

/** What `sealSecret` sealed. */
export async function openSecret(env: Env, app: string, sealed: string): Promise<Uint8Array> {
  const key = await (await ringOf(env)).ring.sealingKey(app, "settings");
  const opened = await unseal(key, secretContext, decodeBase64Url(sealed) ?? new Uint8Array());
  if (opened === null) {
    throw new Refusal(
      "unavailable",
      "the shared secret of `jwt` was stored under another secret: set it again",
      {
        "retry-after": "60",
      },
    );
  }
  return opened;
}

const secretContext = "headcount/settings/1";

/** Takes over settings that were changed through this Worker, before the remembered ones grow old. */
export function rememberConfig(context: AppContext, config: AppConfig, now: number): void {
  if (config.inclusions !== context.config.inclusions) context.acknowledged.forget();
  context.config = config;
  context.calendar = new Calendar(config.zones);
  context.readAt = now;
}

/** The keys that are derived from this service's secret. */
export async function keyRing(env: Env): Promise<KeyRing> {
  return (await ringOf(env)).ring;
}

async function ringOf(env: Env) {
  if (held !== null && held.secret === env.HEADCOUNT_SECRET) return held;
  try {
    const ring = await KeyRing.from(env.HEADCOUNT_SECRET);
    held = { secret: env.HEADCOUNT_SECRET, ring, apps: new Map() };
    return held;
  } catch (error) {
    if (error instanceof RangeError)
      throw new Refusal("not-configured", error.message, { "retry-after": "60" });
    throw error;
  }
}
