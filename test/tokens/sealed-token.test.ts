import fc from "fast-check";
import { expect, test } from "vitest";
import { seal } from "../../worker/tokens/seal.ts";
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
  key: fc.record({ role: fc.constantFrom("pub" as const, "secret" as const), revision: fc.nat(999_999) }),
  epoch: word,
});
const [sample] = fc.sample(claims, { numRuns: 1, seed: 7 }) as [TokenClaims];

test("a token says what was sealed into it, to its own app alone", async () => {
  await fc.assert(
    fc.asyncProperty(claims, async (said) => {
      const token = await sealToken(key, "acme", said);
      expect(token).toMatch(/^hc_tok_acme_[A-Za-z0-9_-]{104}$/);
      expect(appOfToken(token)).toBe("acme");
      expect(await openToken(key, "acme", token)).toEqual(said);
      expect(await openToken(key, "other", token)).toBeNull();
      expect(await openToken(key, "other", token.replace("acme", "other"))).toBeNull();
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("a token of the first release is one of the first keys, before anything was revoked", async () => {
  const written = new DataView(new ArrayBuffer(41));
  written.setUint8(0, 3);
  written.setUint16(1, 2);
  written.setUint32(3, 9);
  for (const at of [7, 11, 15, 19]) written.setUint32(at, at);
  written.setFloat64(25, 1000);
  written.setFloat64(33, 2000);
  const bytes = new Uint8Array(written.buffer);
  const sealed = await seal(key, "headcount/token/1\nacme", bytes, 1000);
  const token = `hc_tok_acme_${Buffer.from(sealed).toString("base64url")}`;
  expect(await openToken(key, "acme", token)).toEqual({
    user: { entry: 7, shardHash: 11 },
    space: "user",
    isVerified: true,
    client: [15, 19],
    since: undefined,
    shard: 2,
    generation: 9,
    issuedAt: 1000,
    expiresAt: 2000,
    key: { role: "pub", revision: 0 },
    epoch: 0,
  });
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
