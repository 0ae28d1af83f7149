import { createHmac, type KeyObject, sign } from "node:crypto";
import { expect, test } from "vitest";
import { type IdentityRules, verifyIdentity } from "../../worker/tokens/identity.ts";

const now = Date.parse("2026-11-20T10:00:00Z");
const seconds = now / 1000;
const secret = new TextEncoder().encode("a shared secret of thirty-two bytes or more");
const rules: IdentityRules = { key: secret, algorithms: ["HS256"], audience: null, issuer: null };
const good = { sub: "u-42", exp: seconds + 60 };

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT made by hand, with what Node brings. */
function jwtOf(
  claims: unknown,
  alg = "HS256",
  key: Uint8Array | KeyObject = secret,
  header: object = {},
): string {
  const signed = `${base64({ alg, typ: "JWT", ...header })}.${base64(claims)}`;
  const signature =
    key instanceof Uint8Array
      ? createHmac(`sha${alg.slice(2)}`, key)
          .update(signed)
          .digest()
      : sign(null, Buffer.from(signed), key);
  return `${signed}.${signature.toString("base64url")}`;
}

const verify = (jwt: string, change: Partial<IdentityRules> = {}, at = now) =>
  verifyIdentity(jwt, { ...rules, ...change }, at);
const complaint = async (...asked: Parameters<typeof verify>) => {
  const verified = await verify(...asked);
  return verified.ok ? "" : verified.error;
};

test("a signed identity says who somebody is, and since when where it says so", async () => {
  expect(await verify(jwtOf(good))).toEqual({ ok: true, value: { user: "u-42", since: undefined } });
  const since = jwtOf({ ...good, since: "2026-11-01", name: "Alice" });
  expect(await verify(since)).toEqual({ ok: true, value: { user: "u-42", since: "2026-11-01" } });
});

test("clocks may differ by a minute", async () => {
  const jwt = jwtOf({ ...good, nbf: seconds, exp: seconds + 600 });
  expect(await complaint(jwt, {}, now - 60_000)).toBe("");
  expect(await complaint(jwt, {}, now - 61_000)).toBe("identity: not valid yet (nbf)");
  expect(await complaint(jwt, {}, now + 659_000)).toBe("");
  expect(await complaint(jwt, {}, now + 660_000)).toBe(
    "identity: expired: issue a new JWT for each exchange",
  );
});

test("audience and issuer are checked where they are set", async () => {
  const jwt = jwtOf({ ...good, aud: ["app", "other"], iss: "https://a.example" });
  expect(await complaint(jwt, { audience: "app", issuer: "https://a.example" })).toBe("");
  expect(await complaint(jwt, { audience: "third" })).toBe(
    "identity: aud: expected the value in the `jwt` setting",
  );
  expect(await complaint(jwt, { issuer: "https://b.example" })).toBe(
    "identity: iss: expected the value in the `jwt` setting",
  );
  expect(await complaint(jwtOf(good), { audience: "app" })).toBe("identity: aud: missing");
  expect(await complaint(jwtOf(good), { issuer: "x" })).toBe("identity: iss: missing");
});

test("an identity that is not whole is refused with what is missing", async () => {
  expect(await complaint(jwtOf({ sub: "u-42" }))).toBe("identity: exp: missing");
  expect(await complaint(jwtOf({ exp: good.exp }))).toBe("identity: sub: missing");
  expect(await complaint(jwtOf({ ...good, exp: "soon" }))).toContain("expected exp, nbf and iat as numbers");
  expect(await complaint(jwtOf({ ...good, sub: "" }))).toBe(
    "identity: sub: expected 1 to 256 characters, got none",
  );
  expect(await complaint(jwtOf({ ...good, sub: "x".repeat(257) }))).toContain("sub: expected at most 256");
  for (const [since, words] of [
    ["2026-02-30", "expected a day that exists, written YYYY-MM-DD"],
    [
      "yesterday",
      "expected Unix milliseconds (1795203773000), ISO 8601 with a zone (2026-11-19T10:00:00Z), or a day (2026-11-19)",
    ],
    [1_795_203_773, "looks like seconds: expected milliseconds"],
  ] as const) {
    expect(await complaint(jwtOf({ ...good, since }))).toBe(`identity: since: ${words}`);
  }
});

test("a signature by another key, of another algorithm, or none, is refused", async () => {
  const other = new TextEncoder().encode("another secret that is thirty-two bytes long");
  expect(await complaint(jwtOf(good, "HS256", other))).toBe(
    "identity: the signature doesn't match the key in the `jwt` setting",
  );
  expect(await complaint(jwtOf(good, "HS512"))).toBe(
    "identity: signed with an algorithm that the `jwt` setting doesn't allow",
  );
  const none = `${base64({ alg: "none" })}.${base64(good)}.`;
  expect(await complaint(none)).not.toBe("");
  const [head, , signature] = jwtOf(good).split(".");
  expect(await complaint(`${head}.${base64({ ...good, sub: "admin" })}.${signature}`)).toContain("signature");
  for (const text of ["", "a.b.c", "x", jwtOf(good).slice(0, 20)]) {
    expect(await complaint(text)).toBe("identity: expected a signed JWT in its compact form");
  }
});

test("no complaint quotes what was sent", async () => {
  const claims = {
    sub: "alice@example.com",
    exp: seconds - 1000,
    aud: "alice",
    iss: "alice",
    since: "alice",
  };
  for (const jwt of [jwtOf(claims), jwtOf({ ...claims, exp: good.exp }), "alice", jwtOf(claims, "HS512")]) {
    expect(await complaint(jwt, { audience: "app", issuer: "app" })).not.toContain("alice");
  }
});

test("an extension that isn't known, and claims in milliseconds, are told in their own words", async () => {
  for (const crit of [["exp"], ["b64"], [], "exp"]) {
    expect([crit, await complaint(jwtOf(good, "HS256", secret, { crit, exp: 1 }))]).toEqual([
      crit,
      "identity: crit: unknown extension: expected no crit",
    ]);
  }
  for (const [claims, name] of [
    [{ sub: "u-42", exp: now + 60_000 }, "exp"],
    [{ ...good, nbf: now }, "nbf"],
    [{ ...good, iat: now }, "iat"],
  ] as const) {
    expect(await complaint(jwtOf(claims))).toBe(
      `identity: ${name}: looks like milliseconds: expected seconds`,
    );
  }
});
