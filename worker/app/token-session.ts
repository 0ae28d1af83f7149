import { type AppContext, invalidToken } from "./apps.ts";
import type { Env } from "../env.ts";
import type { Owner } from "../ingest/ingest.ts";
import { callObject } from "./call-object.ts";
import { shardName } from "./object-names.ts";
import type { TokenUse } from "../objects/shard.ts";
import { Refusal } from "../http/problem.ts";
import type { TokenTerms, TokenVerdict } from "../tokens/token-book.ts";
import { sealToken, type TokenClaims } from "../tokens/sealed-token.ts";

/** A token that a request shows, from its shard's verdict to the one that follows it. */
export class TokenSession {
  readonly #env: Env;
  readonly #context: AppContext;
  readonly #claims: TokenClaims;
  #verdict: TokenVerdict | null = null;

  constructor(env: Env, context: AppContext, claims: TokenClaims) {
    this.#env = env;
    this.#context = context;
    this.#claims = claims;
  }

  /** Whom the token stands for. */
  get owner(): Owner {
    return this.#claims;
  }

  /** What is to be sent along with activity to a shard: the token, if that shard is the one to judge it. */
  useWith(shard: number): TokenUse | null {
    if (this.#verdict !== null || shard !== this.#claims.shard) return null;
    return { id: tokenId(this.#claims), token: this.#claims, terms: termsOf(this.#context) };
  }

  /** Takes the shard's verdict. Throws a `Refusal` when the token isn't good. */
  judge(verdict: TokenVerdict | null): void {
    if (verdict === null) return;
    if (!verdict.isGood) throw new Refusal(verdict.reason, explanations[verdict.reason], invalidToken);
    this.#verdict = verdict;
  }

  /** Asks the shard for its verdict, unless it has given it. */
  async settle(): Promise<void> {
    const { shard } = this.#claims;
    const use = this.useWith(shard);
    if (use === null) return;
    const { name, tally } = this.#context;
    this.judge(
      await callObject(this.#env.SHARDS, shardName(name, shard), async (stub) =>
        stub.record([], tally.take(), use),
      ),
    );
  }

  /** The token that follows this one, when it is time; else undefined. */
  async successor(now: number): Promise<string | undefined> {
    if (!this.#verdict?.isGood || this.#verdict.rotateTo === null) return undefined;
    const { name, tokenKey } = this.#context;
    return sealToken(tokenKey, name.app, {
      ...this.#claims,
      generation: this.#verdict.rotateTo,
      issuedAt: now,
      expiresAt: now + termsOf(this.#context).ttlMs,
    });
  }

  /** Revokes this token and all others of its client. */
  async revoke(): Promise<void> {
    const { name } = this.#context;
    await callObject(this.#env.SHARDS, shardName(name, this.#claims.shard), (stub) =>
      stub.revokeTokens(tokenId(this.#claims)),
    );
  }
}

const explanations = {
  "token-reused":
    "the token had been replaced: it may have been copied, so all tokens of this client are revoked: get another by POST /v1/token",
  "token-revoked": "the token was revoked or never used: get another by POST /v1/token",
};

/** How long an app's tokens live. */
export function termsOf({ config }: AppContext): TokenTerms {
  const { tokenTtl, tokenMinTtl } = config.settings;
  return { ttlMs: tokenTtl * 1000, minTtlMs: tokenMinTtl * 1000 };
}

/** The id of a client's row in its shard: 8 bytes of the user, 8 of the client. */
export function tokenId({ user, client }: Pick<TokenClaims, "user" | "client">): Uint8Array {
  return words(user.entry, user.spread, ...client);
}

/** What the ids of all of a user's clients begin with. */
export function tokenIdPrefix(user: TokenClaims["user"]): Uint8Array {
  return words(user.entry, user.spread);
}

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value);
  return new Uint8Array(view.buffer);
}
