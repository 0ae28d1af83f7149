import { Refusal } from "../http/problem.ts";
import { maxBeatLeadMs } from "../limits.ts";
import { appOfToken, openToken, type TokenClaims } from "../tokens/sealed-token.ts";
import type { App } from "./app.ts";
import type { Apps } from "./apps.ts";
import type { Role } from "../roles.ts";
import { readSharedView, type SharedView } from "../dashboard/shared-view.ts";

export const invalidToken = { "www-authenticate": 'Bearer error="invalid_token"' };

/** The credential that a request shows in its `Authorization` header, or null. */
export function bearerOf(request: Request): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

/** The app that a key speaks for, and as what. Throws a `Refusal` when it is missing, not valid or retired. */
export async function authenticateKey(
  apps: Apps,
  key: string | null | undefined,
  now: number,
): Promise<{ app: App; role: Role; keyRevision: number }> {
  if (!key) {
    throw new Refusal("credentials-missing", "expected a key of the app: see `npm run keys -- APP`", {
      "www-authenticate": "Bearer",
    });
  }
  const grant = await (await apps.ring()).verify(key);
  if (grant === null) {
    throw new Refusal(
      "credentials-invalid",
      "the key is malformed, or was derived from another secret",
      invalidToken,
    );
  }
  const app = await apps.open(grant.app, now);
  const least = app.settings.keyRevisions[grant.role];
  if (grant.revision < least) {
    throw new Refusal(
      "credentials-invalid",
      `the key is retired: expected one of revision ${least} or later`,
      invalidToken,
      { keyRevision: least },
    );
  }
  return { app, role: grant.role, keyRevision: grant.revision };
}

/** Whether a credential says that it is the token of a shared view. */
export function isViewToken(credential: string | null): credential is string {
  return credential !== null && credential.startsWith("hc_view_");
}

/** The app and the view of a shared view's token. Throws a `Refusal` when it is not valid, or was revoked. */
export async function authenticateView(
  apps: Apps,
  token: string | null,
  now: number,
): Promise<{ app: App; shared: SharedView; keyRevision: number }> {
  const grant = await (await apps.ring()).verifyView(token ?? "");
  if (grant === null) {
    throw new Refusal(
      "credentials-invalid",
      "the link is incomplete, or was created with another secret: get a new one",
      invalidToken,
    );
  }
  const app = await apps.open(grant.app, now);
  if (grant.revision < app.settings.keyRevisions.share) {
    throw new Refusal("credentials-invalid", "the link was revoked: get a new one", invalidToken);
  }
  return { app, shared: readSharedView(grant.view), keyRevision: grant.revision };
}

/** Lets nobody pass but whoever holds the service's secret. Throws a `Refusal` that says so to others. */
export async function authenticateService(apps: Apps, secret: string | null): Promise<void> {
  const expected = "expected HEADCOUNT_SECRET, the secret of the service, as bearer token";
  if (secret === null) {
    throw new Refusal("credentials-missing", expected, { "www-authenticate": "Bearer" });
  }
  const ring = await apps.ring();
  if (await ring.isSecret(secret)) return;
  if ((await ring.verify(secret)) !== null) {
    throw new Refusal("wrong-role", `a key of one app may not query other apps: ${expected}`);
  }
  throw new Refusal("credentials-invalid", `this isn't the service's secret: ${expected}`, invalidToken);
}

/**
 * What a token says, and the app that it is for. Throws a `Refusal` when it wasn't made here, was changed, or has
 * expired; whether it is still good besides, its shard knows.
 */
export async function authenticateToken(
  apps: Apps,
  token: string,
  now: number,
): Promise<{ claims: TokenClaims; app: App }> {
  const name = appOfToken(token);
  const claims = name && (await openToken(await apps.tokenKey(name), name, token));
  if (name === null || !claims || claims.issuedAt > now + maxBeatLeadMs) {
    throw new Refusal(
      "token-invalid",
      "the token is malformed, or is of another app or another secret: get a new one with POST /v1/token",
      invalidToken,
    );
  }
  const app = await apps.open(name, now);
  const expiresAt = Math.min(claims.expiresAt, claims.issuedAt + app.settings.tokenTtl * 1000);
  if (expiresAt <= now) {
    throw new Refusal(
      "token-expired",
      `the token expired at ${new Date(expiresAt).toISOString()}: get a new one with POST /v1/token`,
      invalidToken,
    );
  }
  const complaint = whyVoid(claims, app);
  if (complaint !== null) throw new Refusal("token-revoked", complaint, invalidToken);
  return { claims, app };
}

/** Why a token counts no more although its own shard may hold it for good: in words, or null. */
function whyVoid({ space, isVerified, key, epoch }: TokenClaims, { config, settings }: App): string | null {
  const again = "get a new one with POST /v1/token";
  if (epoch < config.tokenEpoch) return `all tokens of this app were revoked: ${again}`;
  if (key.revision < settings.keyRevisions[key.role]) {
    return `the key for which the token was issued is retired: ${again}`;
  }
  if (settings.identity === "signed" && space === "user" && !isVerified) {
    return `the token was issued for an unsigned id, and this app accepts only signed identities: ${again}, and send identity`;
  }
  return null;
}
