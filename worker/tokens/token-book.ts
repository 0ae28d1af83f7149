/** What is kept of one client: never a token, only which of its generations are good. Times are Unix milliseconds. */
export interface ClientTokens {
  /** The newest generation that was ever handed out. */
  issued: number;
  /** The generation in use; 0 when there is none. */
  current: number;
  /** The generation that was in use before. */
  previous: number;
  /** The generation that was handed out and not used yet; 0 when there is none. */
  next: number;
  /** When `next` was handed out last. */
  nextAt: number;
  /** When `current` was used first. */
  currentAt: number;
  /** Generations up to this one were revoked. */
  revoked: number;
  /** Whether they were because a void one was used again. */
  wasStolen: boolean;
  /** When the last token that was handed out ends; after that the row is of no use. */
  expiresAt: number;
}

/** Where rows are kept, by an id of 16 bytes: 8 of the user, 8 of the client. */
export interface TokenStore {
  get(id: Uint8Array): ClientTokens | null;
  put(id: Uint8Array, row: ClientTokens): void;
  count(): number;
  /** The ids of all of a user's clients. */
  clientsOf(user: Uint8Array): Uint8Array[];
  dropExpiredBy(now: number): void;
  /** When the first row expires, or null when there is none. */
  firstExpiry(): number | null;
}

/** How long tokens live, in milliseconds. */
export interface TokenTerms {
  ttlMs: number;
  /** A token older than this is rotated when it is used. */
  minTtlMs: number;
}

/** What became of the use of a token: whether it is good, and the generation of the one that follows it when it is time. */
export type TokenVerdict =
  | { isGood: true; rotateTo: number | null }
  | { isGood: false; reason: "token-reused" | "token-revoked" };

const maxGraceMs = 60_000;

/**
 * For how long two tabs, or a request that was under way, may still hold what a rotation has just replaced without being
 * taken for a thief: a minute, and never more than a tenth of the time between rotations.
 */
export function graceMs({ minTtlMs }: TokenTerms): number {
  return Math.min(maxGraceMs, minTtlMs / 10);
}

/**
 * Which tokens of which clients are good: the two slots of XEP-0484 (Fast Authentication Streamlining Tokens) as
 * generations. An exchange or a rotation puts the `next` generation beside the `current` one, which stays good until
 * `next` is used first. A generation that was in use before and turns up again was copied: all of the client's tokens are
 * revoked, and only a new exchange helps.
 */
export class TokenBook {
  readonly #store: TokenStore;
  /** Clients in the store; null until it is asked. */
  #clients: number | null = null;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /**
   * A generation for a client that has shown its credential, or 0 where it is unknown and there are `most` already. What was handed
   * out before and never used is dropped.
   */
  issue(id: Uint8Array, terms: TokenTerms, now: number, most = Infinity): number {
    const known = this.#store.get(id);
    if (known === null) {
      const clients = this.#clients ?? this.#store.count();
      this.#clients = clients;
      if (clients >= most) return 0;
      this.#clients++;
    }
    const row = known ?? unknownClient();
    const generation = handOut(row, terms, now);
    this.#store.put(id, row);
    return generation;
  }

  /** A client shows a token of `generation`, issued at `issuedAt`, that has not expired. */
  use(
    id: Uint8Array,
    token: { generation: number; issuedAt: number },
    terms: TokenTerms,
    now: number,
  ): TokenVerdict {
    const { generation, issuedAt } = token;
    const row = this.#store.get(id);
    // A row that is gone was lost: nothing is known of what was revoked since.
    if (row === null) return { isGood: false, reason: "token-revoked" };
    if (generation <= row.revoked) {
      return { isGood: false, reason: row.wasStolen ? "token-reused" : "token-revoked" };
    }
    if (generation === row.next) {
      row.previous = row.current;
      row.current = generation;
      row.currentAt = now;
      row.next = 0;
      this.#store.put(id, row);
    }
    if (generation === row.current) {
      if (now - issuedAt <= terms.minTtlMs) return { isGood: true, rotateTo: null };
      const rotateTo = handOut(row, terms, now);
      this.#store.put(id, row);
      return { isGood: true, rotateTo };
    }
    // Handed out and dropped before anybody used it, or newer than a row that was lost: of no use to anybody, and no theft.
    if (generation > row.previous) return { isGood: false, reason: "token-revoked" };
    if (generation === row.previous && now - row.currentAt < graceMs(terms)) {
      return { isGood: true, rotateTo: null };
    }
    this.#revoke(id, row, true);
    return { isGood: false, reason: "token-reused" };
  }

  /** Revokes every token of a client. Returns whether there was one to revoke. */
  revoke(id: Uint8Array): boolean {
    const row = this.#store.get(id);
    if (row === null || row.revoked >= row.issued) return false;
    this.#revoke(id, row, false);
    return true;
  }

  /** Revokes every token of every client of a user. Returns of how many clients. */
  revokeUser(user: Uint8Array): number {
    return this.#store.clientsOf(user).filter((id) => this.revoke(id)).length;
  }

  /** Forgets clients of which no token can be good any more. Returns when to come again, or null when none is left. */
  expire(now: number): number | null {
    this.#store.dropExpiredBy(now);
    this.#clients = null;
    return this.#store.firstExpiry();
  }

  #revoke(id: Uint8Array, row: ClientTokens, wasStolen: boolean): void {
    this.#store.put(id, { ...row, revoked: row.issued, current: 0, previous: 0, next: 0, wasStolen });
  }
}

/** Those who ask within the grace are given the same generation: two tabs that rotate at once hold equal tokens. */
function handOut(row: ClientTokens, terms: TokenTerms, now: number): number {
  row.expiresAt = Math.max(row.expiresAt, now + terms.ttlMs);
  if (row.next === 0 || now - row.nextAt >= graceMs(terms)) row.next = ++row.issued;
  row.nextAt = now;
  return row.next;
}

function unknownClient(): ClientTokens {
  return {
    issued: 0,
    current: 0,
    previous: 0,
    next: 0,
    nextAt: 0,
    currentAt: 0,
    revoked: 0,
    wasStolen: false,
    expiresAt: 0,
  };
}
