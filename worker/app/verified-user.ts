import type { JWTVerifyGetKey } from "jose";
import { orRefuse, Refusal } from "../http/problem.ts";
import { KeysUnreachable, remoteKeys, type SignedIdentity, verifyIdentity } from "../tokens/identity.ts";
import type { App } from "./app.ts";
import { openSecret } from "./settings-secret.ts";

/** Who a signed identity says that somebody is. Throws a `Refusal` where it isn't good, or that can't be told now. */
export async function verifiedUser(app: App, identity: string, now: number): Promise<SignedIdentity> {
  const { jwt } = app.settings;
  if (jwt === null) throw new Refusal("identity-invalid", "identity: this app has no `jwt` setting");
  const key = jwt.jwks === undefined ? await openSecret(app, jwt.secret ?? "") : keysAt(app, jwt.jwks);
  try {
    return orRefuse(await verifyIdentity(identity, { ...jwt, key }, now), "identity-invalid");
  } catch (error) {
    if (!(error instanceof KeysUnreachable)) throw error;
    throw new Refusal("unavailable", error.message, { "retry-after": "10" });
  }
}

function keysAt(app: App, url: string): JWTVerifyGetKey {
  if (app.identityKeys?.url !== url) app.identityKeys = { url, get: remoteKeys(url) };
  return app.identityKeys.get;
}
