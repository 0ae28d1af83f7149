import { Refusal } from "../http/problem.ts";
import type { Owner } from "../ingest/ingest.ts";
import type { TokenUse } from "../rpc.ts";
import { sealToken, type TokenClaims, tokenId } from "../tokens/sealed-token.ts";
import type { TokenTerms, TokenVerdict } from "../tokens/token-book.ts";
import type { App } from "./app.ts";
import { invalidToken } from "./authenticate.ts";
import { recordIn } from "./record-in.ts";

/** A token that a request shows, from its shard's verdict to the one that follows it. */
export class TokenSession {
  readonly #app: App;
  readonly #claims: TokenClaims;
  #verdict: TokenVerdict | null = null;

  constructor(app: App, claims: TokenClaims) {
    this.#app = app;
    this.#claims = claims;
  }

  /** Whom the token stands for. */
  get owner(): Owner {
    return this.#claims;
  }

  /** What is to be sent along with activity to a shard: the token, if that shard is the one to judge it. */
  useWith(shard: number): TokenUse | null {
    if (this.#verdict !== null || shard !== this.#claims.shard) return null;
    return { id: tokenId(this.#claims), token: this.#claims, terms: termsOf(this.#app) };
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
    if (use !== null) this.judge(await recordIn(this.#app, shard, [], use));
  }

  /** The token that follows this one, when it is time; else undefined. */
  async successor(now: number): Promise<string | undefined> {
    if (!this.#verdict?.isGood || this.#verdict.rotateTo === null) return undefined;
    const { name, tokenKey } = this.#app;
    return sealToken(tokenKey, name.app, {
      ...this.#claims,
      generation: this.#verdict.rotateTo,
      issuedAt: now,
      expiresAt: now + termsOf(this.#app).ttlMs,
    });
  }

  /** Revokes this token and all others of its client. */
  async revoke(): Promise<void> {
    const { shard } = this.#claims;
    await this.#app.shard(shard, (stub) => stub.revokeTokens(tokenId(this.#claims)));
  }
}

const explanations = {
  "token-reused":
    "the token had been replaced, so it may be a copy, and all tokens of this client were revoked: get a new one with POST /v1/token",
  "token-revoked": "the token was revoked or never used: get a new one with POST /v1/token",
};

/** How long an app's tokens live. */
export function termsOf({ settings }: App): TokenTerms {
  return { ttlMs: settings.tokenTtl * 1000, minTtlMs: settings.tokenMinTtl * 1000 };
}
