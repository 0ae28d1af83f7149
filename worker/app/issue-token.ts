import type { TokenResponse } from "../../sdk/wire.ts";
import { shardsOf } from "../counting/shards-of.ts";
import { Refusal } from "../http/problem.ts";
import { firstDay } from "../ingest/first-seen.ts";
import type { Owner } from "../ingest/ingest.ts";
import type { ExchangeBody } from "../schemas/token-schema.ts";
import { sealToken, type TokenClaims, tokenId, tokenIdPrefix } from "../tokens/sealed-token.ts";
import type { App } from "./app.ts";
import { termsOf } from "./token-session.ts";
import { verifiedUser } from "./verified-user.ts";

/**
 * Exchanges a credential that was checked for a token; resolves once its generation is durable.
 *
 * @param key the key that was shown
 * @param now Unix milliseconds
 */
export async function issueToken(
  app: App,
  key: TokenClaims["key"],
  body: ExchangeBody,
  now: number,
): Promise<TokenResponse> {
  const owner = await ownerOf(app, key.role === "secret", body, now);
  // Where nobody vouches, whoever knows of a user and a client could void the client's tokens by asking for more of them: so
  // each exchange stands for itself.
  const client = owner.isVerified ? app.hasher.hashClient(body.client) : randomClient();
  const terms = termsOf(app);
  const { shardHash } = owner.user;
  const shard = shardHash % app.settings.shards;
  const id = tokenId({ user: owner.user, client });
  const generation = await app.shard(shard, (stub) => stub.issueToken(id, terms, owner.isVerified));
  if (generation === 0) {
    throw new Refusal(
      "full",
      `this app has the most tokens that are kept: try again later; unused tokens expire after tokenTtl, ${app.settings.tokenTtl} s`,
    );
  }
  // What the client holds from before the shards were doubled: nothing would tell its shard when the new token is used.
  const former = shardsOf(shardHash, app.config.shardsEver).filter((index) => index !== shard);
  if (owner.isVerified) await revokeAt(app, former, id);
  const expiresAt = now + terms.ttlMs;
  const epoch = app.config.tokenEpoch;
  const claims = { ...owner, client, shard, generation, issuedAt: now, expiresAt, key, epoch };
  return {
    token: await sealToken(app.tokenKey, app.name.app, claims),
    expires: expiresAt,
    rotate: now + terms.minTtlMs,
  };
}

function randomClient(): [number, number] {
  return [...crypto.getRandomValues(new Uint32Array(2))] as [number, number];
}

/** Revokes all tokens of an app; every edge knows of it once its settings are read again. */
export async function revokeEverybody(app: App, now: number): Promise<void> {
  app.remember(await app.rollup((rollup) => rollup.revokeTokens()), now);
}

/** Revokes the tokens of all of a user's clients; resolves once that is durable. */
export async function revokeUser(app: App, id: string): Promise<void> {
  const user = app.hasher.hash("user", id);
  // A token stays where it was issued when the shards are doubled; there may be more than this isolate remembers.
  const { shardsEver } = await app.rollup((rollup) => rollup.config());
  await revokeAt(app, shardsOf(user.shardHash, shardsEver), tokenIdPrefix(user));
}

async function revokeAt(app: App, shards: readonly number[], id: Uint8Array): Promise<void> {
  await Promise.all(shards.map((index) => app.shard(index, (shard) => shard.revokeTokens(id))));
}

/** Whom a new token stands for: who the signed identity says, else who the client or the app's server says. */
async function ownerOf(
  app: App,
  isServer: boolean,
  { identity, user, anonymous, since }: ExchangeBody,
  now: number,
): Promise<Owner> {
  if (identity !== undefined) {
    const who = await verifiedUser(app, identity, now);
    if (user !== undefined && user !== who.user) {
      throw new Refusal("identity-invalid", "user: expected the same user as in identity, or none");
    }
    return {
      user: app.hasher.hash("user", who.user),
      space: "user",
      isVerified: true,
      since: dayOf(app, who.since ?? since, now),
    };
  }
  if (!isServer && app.settings.identity === "signed") {
    throw new Refusal(
      "identity-required",
      "this app accepts only signed identities: expected identity, a JWT signed by the app's backend",
    );
  }
  const [space, id] = user === undefined ? (["anonymous", anonymous] as const) : (["user", user] as const);
  if (id === undefined) {
    throw new Refusal("malformed-body", "expected identity, user or anonymous, to say for whom the token is");
  }
  return { user: app.hasher.hash(space, id), space, isVerified: isServer, since: dayOf(app, since, now) };
}

/** The day of the app's zone on which somebody first appeared. One in the future tells nothing. */
function dayOf({ calendar }: App, since: number | string | undefined, now: number): string | undefined {
  if (since === undefined) return undefined;
  const day = firstDay(since, calendar, now);
  return day.ok ? day.value : undefined;
}
