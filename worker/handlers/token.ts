import type { TokenResponse } from "../../sdk/wire.ts";
import { type AppContext, authenticate, authenticateToken, openSecret } from "../app/apps.ts";
import { bearerOf } from "../http/bearer.ts";
import { shardsOf } from "../counting/shards-of.ts";
import type { Env } from "../env.ts";
import { decodeExchange, decodeRevocation, type ExchangeBody } from "../schemas/token-schema.ts";
import type { Owner } from "../ingest/ingest.ts";
import type { Role } from "../app/keys.ts";
import { maxTokenBytes } from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { type ObjectName, shardName } from "../app/object-names.ts";
import { Refusal } from "../http/problem.ts";
import { checkMediaType, readJson } from "../http/body.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../routes.ts";
import { KeysUnreachable, remoteKeys, verifyIdentity } from "../tokens/identity.ts";
import { appOfToken, sealToken } from "../tokens/sealed-token.ts";
import { checkOrigin } from "../app/sender.ts";
import { termsOf, tokenId, tokenIdPrefix, TokenSession } from "../app/token-session.ts";

/** `POST /v1/token`: a credential is shown once, and exchanged for a token that is sent with heartbeats from then on. */
export async function postToken(route: RouteContext): Promise<Response> {
  const { request, env, now } = route;
  checkMediaType(request, ["text/plain", "application/json"]);
  const body = decodeExchange(await readJson(request, maxTokenBytes));
  if (!body.ok) throw new Refusal("malformed-body", body.error);
  const { role, context } = await authenticate(env, body.value.key, now);
  if (role !== "pub" && role !== "secret") {
    throw new Refusal("wrong-role", "this key reports no activity: expected the public key");
  }
  const { name, config, hasher, tokenKey } = context;
  checkOrigin(request, config.settings.origins);
  if (role === "pub") await limitRate(route, name.app, "exchanges");

  const owner = await ownerOf(env, context, role, body.value, now);
  const client = hasher.hashClient(body.value.client);
  const terms = termsOf(context);
  const shard = owner.user.spread % config.settings.shards;
  const id = tokenId({ user: owner.user, client });
  const generation = await callObject(env.SHARDS, shardName(name, shard), (stub) =>
    stub.issueToken(id, terms),
  );
  // What the client holds from before the shards were doubled: nothing would tell its shard when the new token is used.
  const former = shardsOf(owner.user.spread, config.shardsEver).filter((index) => index !== shard);
  await revokeAt(env, name, former, id);
  const expiresAt = now + terms.ttlMs;
  const claims = { ...owner, client, shard, generation, issuedAt: now, expiresAt };
  return Response.json({
    token: await sealToken(tokenKey, name.app, claims),
    expires: expiresAt,
    rotate: now + terms.minTtlMs,
  } satisfies TokenResponse);
}

/**
 * `DELETE /v1/token`: with a token as bearer its client's tokens are revoked (a logout); with a secret key and a user
 * those of all the user's clients (a new password).
 */
export async function deleteToken(route: RouteContext): Promise<Response> {
  const { request, env, now } = route;
  const bearer = bearerOf(request);
  if (bearer !== null && appOfToken(bearer) !== null) {
    const { claims, context } = await authenticateToken(env, bearer, now);
    await limitRate(route, context.name.app, "exchanges");
    await new TokenSession(env, context, claims).revoke();
    return Response.json({ revoked: true });
  }
  const { role, context } = await authenticate(env, bearer, now);
  if (role !== "secret") throw new Refusal("wrong-role", "expected the token itself, or a secret key");
  const body = decodeRevocation(await readJson(request, maxTokenBytes));
  if (!body.ok) throw new Refusal("malformed-body", body.error);
  const user = context.hasher.hash("user", body.value.user);
  // A token stays where it was issued when the shards are doubled.
  const shards = shardsOf(user.spread, context.config.shardsEver);
  await revokeAt(env, context.name, shards, tokenIdPrefix(user));
  return Response.json({ revoked: true });
}

async function revokeAt(
  env: Env,
  name: ObjectName,
  shards: readonly number[],
  id: Uint8Array,
): Promise<void> {
  await Promise.all(
    shards.map((shard) => callObject(env.SHARDS, shardName(name, shard), (stub) => stub.revokeTokens(id))),
  );
}

/** Whom a new token stands for: who the signed identity says, else who the client or the app's server says. */
async function ownerOf(
  env: Env,
  context: AppContext,
  role: Role,
  { identity, user, anonymous, since }: ExchangeBody,
  now: number,
): Promise<Owner> {
  const { hasher, config } = context;
  if (identity !== undefined) {
    const who = await identify(env, context, identity, now);
    if (user !== undefined && user !== who.user) {
      throw new Refusal("identity-invalid", "user: expected the identity's own, or none");
    }
    return {
      user: hasher.hash("user", who.user),
      space: "user",
      isVerified: true,
      since: who.since ?? since,
    };
  }
  if (role === "pub" && config.settings.identity === "signed") {
    throw new Refusal(
      "identity-required",
      "this app takes signed identities: expected identity, a JWT of the app's backend",
    );
  }
  const [space, id] = user === undefined ? (["anonymous", anonymous] as const) : (["user", user] as const);
  if (id === undefined) {
    throw new Refusal(
      "malformed-body",
      "expected identity, user or anonymous, to name whom the token is for",
    );
  }
  return { user: hasher.hash(space, id), space, isVerified: role === "secret", since };
}

async function identify(
  env: Env,
  context: AppContext,
  identity: string,
  now: number,
): Promise<{ user: string; since: string | undefined }> {
  const { jwt } = context.config.settings;
  if (jwt === null) throw new Refusal("identity-invalid", "identity: this app has no `jwt` setting");
  const key =
    jwt.jwks === undefined
      ? await openSecret(env, context.name.app, jwt.secret ?? "")
      : keysAt(context, jwt.jwks);
  try {
    const who = await verifyIdentity(identity, { ...jwt, key }, now);
    if (!who.ok) throw new Refusal("identity-invalid", who.error);
    return who.value;
  } catch (error) {
    if (!(error instanceof KeysUnreachable)) throw error;
    throw new Refusal("unavailable", error.message, { "retry-after": "10" });
  }
}

function keysAt(context: AppContext, url: string) {
  if (context.identityKeys?.url !== url) context.identityKeys = { url, get: remoteKeys(url) };
  return context.identityKeys.get;
}
