import fc from "fast-check";
import { expect, test } from "vitest";
import {
  appOfToken,
  openToken,
  sealToken,
  type TokenClaims,
  tokenId,
  tokenIdPrefix,
} from "../../worker/tokens/sealed-token.ts";

const key = await crypto.subtle.importKey("raw", new Uint8Array(32).fill(3), "AES-GCM", false, [
  "encrypt",
  "decrypt",
]);
const word = fc.integer({ min: 0, max: 0xffffffff });
const instant = fc.integer({ min: 0, max: Date.parse("2100-01-01") });
const claims: fc.Arbitrary<TokenClaims> = fc.record({
  user: fc.record({ entry: word, shardHash: word }),
  space: fc.constantFrom("user" as const, "anonymous" as const),
  isVerified: fc.boolean(),
  client: fc.tuple(word, word),
  since: fc.option(
    fc
      .date({ min: new Date("1970-01-01"), max: new Date("2149-06-06"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    { nil: undefined },
  ),
  shard: fc.nat(255),
  generation: word,
  issuedAt: instant,
  expiresAt: instant,
});
const [sample] = fc.sample(claims, { numRuns: 1, seed: 7 }) as [TokenClaims];

test("a token says what was sealed into it, to its own app alone", async () => {
  await fc.assert(
    fc.asyncProperty(claims, async (said) => {
      const token = await sealToken(key, "acme", said);
      expect(token).toMatch(/^hc_tok_acme_[A-Za-z0-9_-]{92}$/);
      expect(appOfToken(token)).toBe("acme");
      expect(await openToken(key, "acme", token)).toEqual(said);
      expect(await openToken(key, "other", token)).toBeNull();
      expect(await openToken(key, "other", token.replace("acme", "other"))).toBeNull();
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("a first day outside of 1970 to 2149 is kept as the nearest", async () => {
  for (const [since, kept] of [
    ["1899-12-31", "1970-01-01"],
    ["2200-01-01", "2149-06-06"],
  ] as const) {
    const token = await sealToken(key, "acme", { ...sample, since });
    expect((await openToken(key, "acme", token))?.since).toBe(kept);
  }
});

test("what has not the form of a token names no app and opens as nothing", async () => {
  const token = await sealToken(key, "acme", sample);
  for (const text of [
    "",
    "hc_pub_acme_x",
    token.slice(0, -1),
    `${token}A`,
    ` ${token}`,
    token.toUpperCase(),
  ]) {
    expect([text, appOfToken(text)]).toEqual([text, null]);
    expect([text, await openToken(key, "acme", text)]).toEqual([text, null]);
  }
});

test("a client's row is named by its user and itself, big-endian, and begins with its user", () => {
  const id = tokenId({ user: { entry: 0x01020304, shardHash: 0xfffefdfc }, client: [5, 0x80000000] });
  expect(Buffer.from(id).toString("hex")).toBe("01020304fffefdfc0000000580000000");
  expect(Buffer.from(tokenIdPrefix({ entry: 0x01020304, shardHash: 0xfffefdfc })).toString("hex")).toBe(
    "01020304fffefdfc",
  );
});
