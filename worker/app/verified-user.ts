import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";
import { orRefuse, Refusal } from "../http/problem.ts";
import type { JwtSettings } from "../counting/app-settings.ts";
import { jwksLimits } from "../limits.ts";
import { type SignedIdentity, verifyIdentity } from "../tokens/identity.ts";
import { KeysUnreachable, remoteKeys } from "../tokens/key-server.ts";
import type { App } from "./app.ts";
import { openSecret } from "./settings-secret.ts";

/** Who a signed identity says that somebody is. Throws a `Refusal` where it isn't good, or that can't be told now. */
export async function verifiedUser(app: App, identity: string, now: number): Promise<SignedIdentity> {
  const { jwt } = app.settings;
  if (jwt === null)
    throw new Refusal("identity-invalid", "identity: this app has no `jwt` setting: set it first");
  const key = await keyOf(app, jwt);
  try {
    return orRefuse(await verifyIdentity(identity, { ...jwt, key }, now), "identity-invalid");
  } catch (error) {
    if (!(error instanceof KeysUnreachable)) throw error;
    const retryAfter = String(jwksLimits.coolDownMs / 1000);
    throw new Refusal("keys-unavailable", error.message, { "retry-after": retryAfter });
  }
}

async function keyOf(
  app: App,
  { secret = "", jwks, keys }: JwtSettings,
): Promise<Uint8Array | JWTVerifyGetKey> {
  if (keys !== undefined) return createLocalJWKSet({ keys });
  return jwks === undefined ? openSecret(app, secret, "shared secret of `jwt`") : keysAt(app, jwks);
}

function keysAt(app: App, url: string): JWTVerifyGetKey {
  if (app.identityKeys?.url !== url) {
    app.identityKeys = { url, get: remoteKeys(url, { ...app.keyServers, now: () => Date.now() }) };
  }
  return app.identityKeys.get;
}
