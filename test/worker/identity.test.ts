import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { AppClient, problem } from "./client.ts";

const secret = "a shared secret of at least 32 bytes, for tests";
const jwksUrl = "https://login.example.com/jwks.json";
const seconds = () => Math.floor(Date.now() / 1000);

afterEach(() => {
  vi.restoreAllMocks();
});

type SigningKey = Parameters<SignJWT["sign"]>[0];

function sign(payload: JWTPayload, key: SigningKey, header: { alg: string; kid?: string }): Promise<string> {
  return new SignJWT({ exp: seconds() + 300, ...payload }).setProtectedHeader(header).sign(key);
}

const bySecret = (payload: JWTPayload, with_ = secret, alg = "HS256") =>
  sign({ sub: "a", ...payload }, new TextEncoder().encode(with_), { alg });

async function signedApp(name: string, jwt: unknown = { secret }): Promise<AppClient> {
  const app = new AppClient(name);
  await app.set({ jwt, identity: "signed", dimensions: ["verified"] });
  return app;
}

/** Why an identity is refused, or null when it isn't. */
async function complaint(app: AppClient, identity: string): Promise<string | null> {
  const response = await app.exchange({ client: "c", identity });
  if (response.ok) return null;
  const { status, type, detail } = await problem(response);
  expect([status, type]).toEqual([401, "identity-invalid"]);
  return detail;
}

test("where identities are signed a plain user is refused, a signed one counts as the same user", async () => {
  const app = await signedApp("signed");
  const plain = await problem(app.heartbeat([{ user: "a" }]));
  expect([plain.status, plain.type]).toEqual([401, "identity-required"]);
  const exchange = await problem(app.exchange({ client: "c", user: "a" }));
  expect([exchange.status, exchange.type]).toEqual([401, "identity-required"]);
  const token = await app.token({ client: "c", identity: await bySecret({}) });
  expect((await app.report(token)).status).toBe(200);
  expect((await app.import([{ user: "a" }])).accepted).toBe(1);
  expect((await app.beat({ anonymous: "i" })).accepted).toBe(1);
  expect(await app.count("window=24h")).toBe(2);
  expect(await app.count("window=24h&verified=true")).toBe(1);
});

test("where identities are open a signed one is still verified, and a claim of the client is not", async () => {
  const app = new AppClient("half-open");
  await app.set({ jwt: secret, dimensions: ["verified"] });
  await app.report(await app.token({ client: "c", identity: await bySecret({ sub: "a" }) }));
  await app.report(await app.token({ client: "c", user: "b" }));
  await app.beat({ user: "c", dimensions: { verified: "true" } });
  expect(await app.count("window=24h&verified=true")).toBe(1);
  expect(await app.count("window=24h")).toBe(3);
  const key = await app.key("secret");
  await app.report(await app.token({ key, client: "c", user: "d" }));
  expect(await app.count("window=24h&verified=true")).toBe(2);
});

test("exp, nbf, aud and iss are checked, with a minute for clocks that differ", async () => {
  const app = await signedApp("claims", { secret, audience: "headcount", issuer: "https://app.example" });
  const right = { aud: "headcount", iss: "https://app.example" };
  for (const [payload, expected] of [
    [{}, null],
    [{ aud: ["other", "headcount"] }, null],
    [{ exp: seconds() - 30 }, null],
    [{ nbf: seconds() + 30 }, null],
    [{ exp: seconds() - 90 }, "expired"],
    [{ nbf: seconds() + 120 }, "nbf"],
    [{ exp: undefined }, "exp"],
    [{ sub: undefined }, "sub"],
    [{ sub: "" }, "sub"],
    [{ sub: "x".repeat(257) }, "sub"],
    [{ aud: "other" }, "aud"],
    [{ aud: undefined }, "aud"],
    [{ iss: "https://evil.example" }, "iss"],
    [{ since: "long ago" }, "since"],
    [{ since: "2026-02-30" }, "since: expected a day that exists"],
    [{ since: seconds() }, "since: looks like seconds: expected milliseconds"],
    [{ since: Date.now() }, null],
    [{ since: "2026-11-01T22:30:00-05:00" }, null],
    [{ since: null }, null],
    [{ sub: "undefined" }, "sub: expected an id"],
    [{ exp: Date.now() + 60_000 }, "exp: looks like milliseconds: expected seconds"],
    [{ nbf: Date.now() }, "nbf: looks like milliseconds: expected seconds"],
    [{ iat: Date.now() }, "iat: looks like milliseconds: expected seconds"],
  ] as [JWTPayload, string | null][]) {
    const said = await complaint(app, await bySecret({ ...right, ...payload }));
    expect([payload, said]).toEqual([payload, expected === null ? null : expect.stringContaining(expected)]);
  }
});

test("a JWT that isn't signed with the shared secret is refused", async () => {
  const app = await signedApp("forged");
  const good = await bySecret({});
  const [header, payload, signature] = good.split(".") as [string, string, string];
  const none = btoa('{"alg":"none"}').replace(/=+$/, "");
  for (const forged of [
    await bySecret({}, "another secret of at least 32 bytes, for tests"),
    await bySecret({}, secret, "HS512"),
    new UnsecuredJWT({ sub: "a", exp: seconds() + 300 }).encode(),
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${header}.${btoa('{"sub":"b","exp":9999999999}').replace(/=+$/, "")}.${signature}`,
    good.slice(0, -2),
    `${good}.${signature}`,
    "",
    "…",
    "a.b.c",
  ]) {
    expect([forged, await complaint(app, forged)]).toEqual([forged, expect.any(String)]);
  }
});

test("public keys are fetched, kept, and fetched again when the backend has rotated them", async () => {
  const [first, second] = [await generateKeyPair("RS256"), await generateKeyPair("ES256")];
  const published = [{ ...(await exportJWK(first.publicKey)), kid: "1", alg: "RS256" }];
  const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    expect(new Request(input).url).toBe(jwksUrl);
    return Response.json({ keys: published });
  });
  const app = await signedApp("rotating", jwksUrl);
  const byFirst = () => sign({ sub: "a" }, first.privateKey, { alg: "RS256", kid: "1" });
  const bySecond = () => sign({ sub: "b" }, second.privateKey, { alg: "ES256", kid: "2" });
  expect(await complaint(app, await byFirst())).toBeNull();
  expect(await complaint(app, await byFirst())).toBeNull();
  expect(fetched).toHaveBeenCalledTimes(1);

  published.push({ ...(await exportJWK(second.publicKey)), kid: "2", alg: "ES256" });
  // A key that isn't known is looked for at most every thirty seconds, so that forged ones cost nothing.
  expect(await complaint(app, await bySecond())).toContain("kid");
  expect(fetched).toHaveBeenCalledTimes(1);
  const later = Date.now() + 31_000;
  vi.spyOn(Date, "now").mockImplementation(() => later);
  expect(await complaint(app, await bySecond())).toBeNull();
  expect(fetched).toHaveBeenCalledTimes(2);
});

test("a public key is no shared secret, whatever the JWT says", async () => {
  const { publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "1", alg: "RS256" };
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: [jwk] }));
  const app = await signedApp("confused", jwksUrl);
  for (const guess of [JSON.stringify(jwk), jwk.n ?? "", JSON.stringify({ keys: [jwk] })]) {
    const forged = await sign({ sub: "a" }, new TextEncoder().encode(guess), { alg: "HS256", kid: "1" });
    expect(await complaint(app, forged)).toContain("algorithm");
  }
  const stranger = await generateKeyPair("RS256");
  expect(
    await complaint(app, await sign({ sub: "a" }, stranger.privateKey, { alg: "RS256", kid: "1" })),
  ).toContain("signature");
});

test("keys that can't be fetched are 503, and nothing is taken on trust", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  const identity = await sign({ sub: "a" }, privateKey, { alg: "RS256", kid: "1" });
  for (const [index, [answer, why]] of (
    [
      [async () => new Response("gone", { status: 404 }), "404"],
      [async () => new Response("<html>"), "JSON"],
      [async () => Response.json({ keys: "none" }), "JSON Web Key Set"],
      [async () => Response.error(), "answered 0"],
      [async () => Promise.reject(new TypeError("no route")), "can't be reached"],
      [async () => new Response(new Uint8Array(1024 * 1024 + 1)), "larger than 1048576 bytes"],
    ] as [() => Promise<Response>, string][]
  ).entries()) {
    const app = await signedApp(`unreachable-${index}`, jwksUrl);
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(answer);
    fetched.mockClear();
    for (let turn = 0; turn < 20; turn++) {
      const response = await app.exchange({ client: "c", identity });
      expect(response.headers.get("retry-after")).toBe("30");
      const { type, status, title, detail } = await problem(response);
      expect([type, status]).toEqual(["keys-unavailable", 503]);
      expect(title).not.toContain("Storage");
      expect(detail).toContain(why);
    }
    expect(fetched).toHaveBeenCalledTimes(1);
  }
});

test("the settings may hold the public keys themselves, and no private ones", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: "1" };
  const app = await signedApp("inline", { keys: [key], issuer: "https://app.example" });
  const by = (payload: JWTPayload, alg = "ES256") =>
    sign({ sub: "a", ...payload }, privateKey, { alg, kid: "1" });
  expect(await complaint(app, await by({ iss: "https://app.example" }))).toBeNull();
  expect(await complaint(app, await by({ iss: "https://other.example" }))).toContain("iss");
  const settings = await (await app.fetch("/v1/settings")).json<{ jwt: unknown }>();
  expect(settings.jwt).toMatchObject({ keys: [key], audience: null });
  expect(await app.set(settings)).toEqual(settings);
  for (const keys of [
    [],
    [await exportJWK(privateKey)],
    [{ kty: "oct", k: "c2VjcmV0" }],
    [{}],
    Array.from({ length: 21 }, () => key),
  ]) {
    const init = { method: "PUT", body: JSON.stringify({ jwt: { keys } }) };
    expect([keys, await problem(app.fetch("/v1/settings", init))]).toEqual([
      keys,
      expect.objectContaining({ type: "invalid-settings", detail: expect.stringContaining("jwt") }),
    ]);
  }
});

test("an address of one's own network can't be set as a server of keys", async () => {
  const app = new AppClient("own-network");
  for (const jwks of [
    "https://localhost/jwks",
    "https://0x7f.1/jwks",
    "https://[::1]/jwks",
    "http://a.example/jwks",
  ]) {
    const init = { method: "PUT", body: JSON.stringify({ jwt: { jwks } }) };
    const { type, detail } = await problem(app.fetch("/v1/settings", init));
    expect([jwks, type]).toEqual([jwks, "invalid-settings"]);
    expect(detail).toContain("HEADCOUNT_JWKS_ALLOW");
  }
});

test("the shared secret is never shown again, and is kept when it is sent back hidden", async () => {
  const app = await signedApp("hidden");
  const settings = await (await app.fetch("/v1/settings")).json<{ jwt: { secret: string } }>();
  expect(JSON.stringify(settings)).not.toContain(secret);
  expect(settings.jwt.secret).toBe("(hidden)");
  await app.set(settings);
  expect(await complaint(app, await bySecret({}))).toBeNull();
  const stored = JSON.stringify(await (await app.rollup()).config());
  expect(stored).not.toContain(secret);
});

test("no answer repeats an identity or whom it names", async () => {
  const app = await signedApp("silent");
  const identity = await bySecret({
    sub: "very-secret-person",
    exp: seconds() - 900,
    aud: "very-secret-person",
  });
  const response = await app.exchange({ client: "c", identity });
  const text = await response.text();
  expect(response.status).toBe(401);
  for (const part of ["very-secret-person", ...identity.split(".")]) expect(text).not.toContain(part);
});
