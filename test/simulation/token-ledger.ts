import { settingsTtlMs } from "../../worker/limits.ts";
import type { World } from "./world.ts";

/** A token as an onlooker knows it. */
interface KnownToken {
  client: string;
  user: string;
  /** The exchange from which it descends by rotations: they all are in one row of one shard. */
  root: number;
  parent: KnownToken | null;
  /** When one that was handed out in its place had been used. */
  replacedAt: number | null;
  /** From then on it must be refused. */
  voidSince: number | null;
}

/** One use of a token, as it reaches an edge. */
export interface TokenUse {
  token: KnownToken;
  /** When the client sent it. */
  sentAt: number;
  wasVoid: boolean;
  /** Whether it had been replaced, and not only just. */
  isReplay: boolean;
}

interface KnownClient {
  exchanges: number;
  /** Whether a thief has acted, or a request took so long that it may be taken for a thief's. */
  isSuspect: boolean;
  isRevoked: boolean;
}

/** What two tabs, or a slow network, may still use: the grace of a token, and how far clocks are apart. */
const graceMs = 61_000;

/** An attempt that was given up may still arrive within this time. */
const lateMs = 60_000;

/** A request that took longer may be judged when its token is void. */
const promptMs = 50_000;

/**
 * What an onlooker knows who sees each token that is handed out and each use: which tokens must be void, that a copy is
 * noticed, and that no honest client is taken for a thief.
 */
export class TokenLedger {
  readonly #world: World;
  readonly #tokens = new Map<string, KnownToken>();
  readonly #clients = new Map<string, KnownClient>();
  /** Tokens that were good once. One that never was may have been dropped for another. */
  readonly #used = new WeakSet<KnownToken>();
  /** Users of whom revocations are under way, once for each: one may reach a shard after a token that was handed out meanwhile. */
  readonly #revoking: string[] = [];
  #roots = 0;
  /** Whether all tokens were revoked at once. */
  #isOfNobody = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** A client shows its credential. What comes of it may be known to nobody. */
  exchanging(client: string): void {
    this.#client(client).exchanges++;
  }

  /** A token is handed out: for a credential, or in the place of another. */
  handedOut(text: string, to: { client: string; user: string } | string): void {
    if (this.#tokens.has(text)) return;
    const parent = typeof to === "string" ? this.#known(to) : null;
    const { client, user } = typeof to === "string" ? this.#known(to) : to;
    if (this.#revoking.includes(user)) this.#client(client).isRevoked = true;
    this.#tokens.set(text, {
      client,
      user,
      root: parent?.root ?? ++this.#roots,
      parent,
      replacedAt: null,
      voidSince: parent?.voidSince ?? null,
    });
  }

  /** Somebody who is not the client is about to use one of its tokens. */
  steal(text: string): void {
    this.#client(this.#known(text).client).isSuspect = true;
  }

  arrives(text: string, sentAt: number): TokenUse {
    const token = this.#known(text);
    const isReplay = token.replacedAt !== null && sentAt > token.replacedAt + graceMs;
    return { token, sentAt, wasVoid: token.voidSince !== null, isReplay };
  }

  taken({ token, sentAt, wasVoid, isReplay }: TokenUse): void {
    this.#noteDuration(token, sentAt);
    this.#used.add(token);
    if (wasVoid) this.#complain(token, "a void token is taken");
    if (isReplay) this.#complain(token, "a token is taken that had been replaced");
    if (token.parent !== null) token.parent.replacedAt ??= this.#world.now;
  }

  /** Returns whether nothing that came with it may count. */
  refused({ token, sentAt, wasVoid, isReplay }: TokenUse, reason: string): boolean {
    this.#noteDuration(token, sentAt);
    const { isSuspect, isRevoked, exchanges } = this.#client(token.client);
    if (reason === "token-reused") {
      if (!isSuspect) this.#complain(token, "an honest client is taken for a thief");
      this.#voidAll((other) => other.root === token.root);
    } else if (reason === "token-revoked" && !isRevoked && !this.#isOfNobody && exchanges === 1 && !wasVoid) {
      if (isReplay) this.#complain(token, "a copied token is not noticed");
      else if (!isSuspect && this.#used.has(token)) this.#complain(token, "a good token is refused");
    }
    return wasVoid || isReplay;
  }

  /** A request that failed otherwise: nobody knows what became of it. */
  failed({ token, sentAt }: TokenUse): void {
    this.#noteDuration(token, sentAt);
  }

  /** Somebody logs out, or gets a new password. The answer is to be called once it is acknowledged. */
  revoking(of: { token: string } | { user: string }): () => void {
    const revoked = new Set<number>();
    const last = this.#roots;
    for (const [text, token] of this.#tokens) {
      const isMeant = "user" in of ? token.user === of.user : text === of.token;
      if (!isMeant) continue;
      this.#client(token.client).isRevoked = true;
      revoked.add(token.root);
    }
    if ("user" in of) this.#revoking.push(of.user);
    return () => {
      this.#voidAll(({ root }) => root <= last && revoked.has(root));
      if ("user" in of) this.#world.soon(lateMs, () => this.#forget(of.user));
    };
  }

  #forget(user: string): void {
    this.#revoking.splice(this.#revoking.indexOf(user), 1);
  }

  /** Everybody's tokens are revoked. An edge that has not heard of it yet may still hand some out that are void already. */
  revokingAll(): () => void {
    this.#isOfNobody = true;
    const last = this.#roots;
    return () => {
      this.#world.soon(settingsTtlMs + 1000, () => this.#voidAll(({ root }) => root <= last));
    };
  }

  #voidAll(isMeant: (token: KnownToken) => boolean): void {
    for (const token of this.#tokens.values()) if (isMeant(token)) token.voidSince ??= this.#world.now;
  }

  #noteDuration(token: KnownToken, sentAt: number): void {
    if (this.#world.now - sentAt > promptMs) this.#client(token.client).isSuspect = true;
  }

  #complain({ client, root }: KnownToken, words: string): void {
    this.#world.mishaps.push(`${words}: ${client}, exchange ${root}`);
  }

  #client(name: string): KnownClient {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = { exchanges: 0, isSuspect: false, isRevoked: false };
      this.#clients.set(name, client);
    }
    return client;
  }

  #known(text: string): KnownToken {
    return this.#tokens.get(text) as KnownToken;
  }
}
