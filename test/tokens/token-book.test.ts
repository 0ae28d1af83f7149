import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { type ClientTokens, graceMs, TokenBook, type TokenStore } from "../../worker/tokens/token-book.ts";

const [secondMs, dayMs] = [1000, 86_400_000];
const terms = { ttlMs: 21 * dayMs, minTtlMs: dayMs };

/** Rows by the bytes of their id. */
class MemoryTokens implements TokenStore {
  readonly rows = new Map<string, ClientTokens>();
  get(id: Uint8Array) {
    const row = this.rows.get(id.join());
    return row === undefined ? null : { ...row };
  }
  put(id: Uint8Array, row: ClientTokens) {
    this.rows.set(id.join(), { ...row });
  }
  count() {
    return this.rows.size;
  }
  clientsOf(user: Uint8Array) {
    return [...this.rows.keys()]
      .filter((id) => id.startsWith(`${user.join()},`))
      .map((id) => Uint8Array.from(id.split(","), Number));
  }
  dropExpiredBy(now: number) {
    for (const [id, { expiresAt }] of this.rows) if (expiresAt <= now) this.rows.delete(id);
  }
  firstExpiry() {
    return this.rows.size === 0 ? null : Math.min(...Array.from(this.rows.values(), (row) => row.expiresAt));
  }
}

const id = Uint8Array.from({ length: 16 }, (_, index) => index);
let store: MemoryTokens;
let book: TokenBook;
let now: number;

beforeEach(() => {
  store = new MemoryTokens();
  book = new TokenBook(store);
  now = Date.parse("2026-11-20T12:00:00Z");
});

interface Held {
  generation: number;
  issuedAt: number;
}

const exchange = (): Held => ({ generation: book.issue(id, terms, now), issuedAt: now });
const use = (token: Held) => book.use(id, token, terms, now);
const good = { isGood: true, rotateTo: null };
const reused = { isGood: false, reason: "token-reused" };
const revoked = { isGood: false, reason: "token-revoked" };

/** Uses a token that is due for rotation, and returns the one that follows. */
function rotate(token: Held): Held {
  const verdict = use(token);
  if (!verdict.isGood || verdict.rotateTo === null) throw new Error("not rotated");
  return { generation: verdict.rotateTo, issuedAt: now };
}

test("a token is good, and rotated once it is older than a day", () => {
  const token = exchange();
  expect(use(token)).toEqual(good);
  now += dayMs;
  expect(use(token)).toEqual(good);
  now += 1;
  expect(use(token)).toMatchObject({ isGood: true, rotateTo: expect.any(Number) });
});

test("the old token stays good until the new one is used first, and is then void", () => {
  const first = exchange();
  now += dayMs + 1;
  const second = rotate(first);
  now += 3 * dayMs;
  expect(use(first)).toMatchObject({ isGood: true });
  const third = rotate(first);
  expect(use(third)).toEqual(good);
  now += graceMs(terms);
  expect(use(first)).toEqual(reused);
  expect(second.generation).not.toBe(third.generation);
});

test("a void token used again revokes all of the client's, and only a new exchange helps", () => {
  const first = exchange();
  now += dayMs + 1;
  const second = rotate(first);
  use(second);
  now += graceMs(terms);
  expect(use(first)).toEqual(reused);
  expect(use(second)).toEqual(reused);
  expect(use(first)).toEqual(reused);
  const fresh = exchange();
  expect(use(fresh)).toEqual(good);
  // The thief's copy harms no one any more.
  expect(use(first)).toEqual(reused);
  expect(use(fresh)).toEqual(good);
});

test("two tabs that rotate at once get equal tokens, and neither is a thief", () => {
  const token = exchange();
  use(token);
  now += dayMs + 1;
  const a = rotate(token);
  now += 5 * secondMs;
  const b = rotate(token);
  expect(b.generation).toBe(a.generation);
  now += 5 * secondMs;
  expect(use(a)).toEqual(good);
  expect(use(b)).toEqual(good);
});

test("a request that was under way while the token was replaced is taken, and gets no new one", () => {
  const first = exchange();
  use(first);
  now += dayMs + 1;
  const second = rotate(first);
  use(second);
  now += graceMs(terms) - 1;
  expect(use(first)).toEqual(good);
  expect(use(second)).toEqual(good);
});

test("an answer that was lost costs nothing: the next beat brings another, and the lost one is dropped without alarm", () => {
  const first = exchange();
  use(first);
  now += dayMs + 1;
  const lost = rotate(first);
  now += dayMs;
  const second = rotate(first);
  expect(use(lost)).toEqual(revoked);
  expect(use(second)).toEqual(good);
  expect(use(lost)).toEqual(revoked);
  expect(use(second)).toEqual(good);
});

test("a device that was offline for twenty days goes on with its token", () => {
  const token = exchange();
  now += 20 * dayMs;
  expect(use(rotate(token))).toEqual(good);
});

test("a new exchange drops what was never used and leaves what is in use good until then", () => {
  const current = exchange();
  use(current);
  now += 2 * graceMs(terms);
  const unused = exchange();
  now += 2 * graceMs(terms);
  const latest = exchange();
  expect(use(current)).toEqual(good);
  expect(use(unused)).toEqual(revoked);
  expect(use(latest)).toEqual(good);
  now += graceMs(terms);
  expect(use(current)).toEqual(reused);
});

test("revoking with the new token kills the current one too, and the other way about", () => {
  for (const shown of ["new", "current"] as const) {
    const current = exchange();
    use(current);
    now += dayMs + 1;
    const next = rotate(current);
    if (shown === "new") use(next);
    book.revoke(id);
    expect(use(current)).toEqual(revoked);
    expect(use(next)).toEqual(revoked);
    now += dayMs;
  }
});

test("a user's tokens are revoked on all clients, and nobody else's", () => {
  const other = Uint8Array.from(id).fill(9, 8);
  const stranger = Uint8Array.from(id).fill(7, 0, 8);
  const held = [id, other, stranger].map((client) => book.issue(client, terms, now));
  book.revokeUser(id.subarray(0, 8));
  const verdicts = [id, other, stranger].map((client, index) =>
    book.use(client, { generation: held[index]!, issuedAt: now }, terms, now),
  );
  expect(verdicts).toEqual([revoked, revoked, good]);
});

test("a row is gone when the last of its tokens has expired, and not before", () => {
  exchange();
  now += dayMs;
  const last = exchange();
  now += terms.ttlMs - 1;
  expect(book.expire(now)).toBe(now + 1);
  expect(use(last)).toMatchObject({ isGood: true });
  now += terms.ttlMs;
  expect(book.expire(now)).toBeNull();
  expect(store.rows.size).toBe(0);
});

test("a token of which nothing is known any more is refused", () => {
  const token = exchange();
  store.rows.clear();
  expect(use(token)).toEqual(revoked);
  exchange();
  expect(use({ generation: 9, issuedAt: now })).toEqual(revoked);
});

test("a generation that was never handed out is nobody's, and no theft", () => {
  const token = exchange();
  for (const generation of [0, 2, 0xffffffff]) expect(use({ generation, issuedAt: now })).toEqual(revoked);
  expect(use(token)).toEqual(good);
});

test("the grace is for what was replaced last: anything older is a copy, however soon it comes", () => {
  const first = exchange();
  use(first);
  now += dayMs + 1;
  const second = rotate(first);
  use(second);
  now += dayMs + 1;
  const third = rotate(second);
  use(third);
  expect(use(second)).toEqual(good);
  expect(use(first)).toEqual(reused);
  expect(use(third)).toEqual(reused);
});

test("who asks again within the grace is given the same token until it is used, and from then on another", () => {
  const first = exchange();
  now += graceMs(terms) - 1;
  expect(exchange().generation).toBe(first.generation);
  now += graceMs(terms);
  const second = exchange();
  expect(second.generation).not.toBe(first.generation);
  use(second);
  const third = exchange();
  expect(third.generation).not.toBe(second.generation);
  expect(use(third)).toEqual(good);
});

test("revoking tells whether there was something to revoke", () => {
  const other = Uint8Array.from(id).fill(9, 8);
  expect(book.revoke(id)).toBe(false);
  exchange();
  expect(book.revoke(id)).toBe(true);
  expect(book.revoke(id)).toBe(false);
  exchange();
  book.issue(other, terms, now);
  expect(book.revokeUser(id.subarray(0, 8))).toBe(2);
  expect(book.revokeUser(id.subarray(0, 8))).toBe(0);
});

test("the grace is a minute, and shrinks with the time between rotations", () => {
  expect(graceMs(terms)).toBe(60_000);
  expect(graceMs({ ...terms, minTtlMs: 1000 })).toBe(100);
  expect(graceMs({ ...terms, minTtlMs: 0 })).toBe(0);
});

/** Tabs of one installation with one storage, on a network that loses answers and delays requests within the grace. */
test("an honest client is never taken for a thief, however its tabs race", () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 2 * dayMs })),
    delayMs: fc.integer({ min: 0, max: 29_000 }),
    isAnswerLost: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, step), { maxLength: 40 }), (rounds) => {
      store.rows.clear();
      let stored = exchange();
      for (const tabs of rounds) {
        // Both tabs read the storage, and then each request arrives when it arrives.
        now += tabs[0].waitMs;
        const sent = stored;
        for (const { delayMs, isAnswerLost } of tabs) {
          now += delayMs;
          const verdict = use(sent);
          expect(verdict.isGood).toBe(true);
          if (!verdict.isGood || verdict.rotateTo === null || isAnswerLost) continue;
          stored = { generation: verdict.rotateTo, issuedAt: now };
        }
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test("a copied token is noticed as soon as thief and owner have used what followed it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.boolean(), (rotations, isOwnerFirst) => {
      store.rows.clear();
      let token = exchange();
      for (let round = 0; round < rotations; round++) {
        use(token);
        now += dayMs + 1;
        token = rotate(token);
      }
      use(token);
      const copied = token;
      now += dayMs + 1;
      const next = rotate(token);
      use(next);
      now += graceMs(terms);
      // One of the two has moved on to the next token; the other comes with the copy, sooner or later.
      if (isOwnerFirst) expect(use(next)).toEqual(good);
      expect(use(copied)).toEqual(reused);
      expect(use(next)).toEqual(reused);
    }),
    { numRuns: 200, seed: 2 },
  );
});

test("where there are as many clients as are kept, those that are known go on and others get none", () => {
  const of = (number: number) => new Uint8Array(16).fill(number);
  expect([1, 2, 3].map((number) => book.issue(of(number), terms, now, 2))).toEqual([1, 1, 0]);
  expect(book.issue(of(1), terms, now + 2 * dayMs, 2)).toBe(2);
  expect(new TokenBook(store).issue(of(3), terms, now, 2)).toBe(0);
  book.expire(now + 22 * dayMs);
  expect(book.issue(of(3), terms, now, 2)).toBe(1);
});
