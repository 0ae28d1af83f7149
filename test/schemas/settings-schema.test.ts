import fc from "fast-check";
import { expect, test } from "vitest";
import { hiddenSecret } from "../../worker/counting/app-settings.ts";
import { maxDimensions, maxKeyRevision, maxShards, maxTokenTtlSeconds } from "../../worker/limits.ts";
import { decodeSettings } from "../../worker/schemas/settings-schema.ts";

const secret = "s".repeat(32);

function accepts(input: unknown): boolean {
  return decodeSettings(input).ok;
}

function complaint(input: unknown): string {
  const decoded = decodeSettings(input);
  return decoded.ok ? "" : decoded.error;
}

test("a change of nothing is fine, and what is absent stays absent", () => {
  expect(decodeSettings({})).toEqual({ ok: true, value: {} });
  expect(decodeSettings({ retentionDays: 30 })).toEqual({ ok: true, value: { retentionDays: 30 } });
});

test("every time zone that the platform lists is taken, and no other text is", () => {
  for (const timeZone of ["UTC", ...Intl.supportedValuesOf("timeZone")]) {
    expect([timeZone, accepts({ timeZone })]).toEqual([timeZone, true]);
  }
  for (const timeZone of ["", "Europe/Atlantis", "Berlin", 2, null]) {
    expect(complaint({ timeZone })).toBe(
      "timeZone: expected the IANA name of a time zone, such as Europe/Berlin",
    );
  }
});

test("numbers have their bounds, which are told where one is outside", () => {
  const bounds = {
    retentionDays: [1, 3650],
    keyRevision: [0, maxKeyRevision],
    tokenTtl: [1, maxTokenTtlSeconds],
  };
  for (const [name, [least, most]] of Object.entries(bounds) as [string, [number, number]][]) {
    for (const value of [least, most]) expect(accepts({ [name]: value })).toBe(true);
    expect(complaint({ [name]: least - 1 })).toMatch(new RegExp(`^${name}: expected ${least} .*or more$`));
    expect(complaint({ [name]: most + 1 })).toMatch(new RegExp(`^${name}: expected .*${most}`));
    for (const value of [least + 0.5, "1", null]) expect(complaint({ [name]: value })).toContain(`${name}: `);
  }
  expect(accepts({ tokenMinTtl: 0 })).toBe(true);
  expect(complaint({ tokenMinTtl: -1 })).toBe("tokenMinTtl: expected 0 seconds or more");
});

test("shards are a power of two up to the most there may be", () => {
  const taken = Array.from({ length: 2 * maxShards + 2 }, (_, shards) => shards).filter((shards) =>
    accepts({ shards }),
  );
  expect(taken).toEqual(Array.from({ length: Math.log2(maxShards) + 1 }, (_, power) => 2 ** power));
  expect(complaint({ shards: 3 })).toBe(`shards: expected a power of two from 1 to ${maxShards}`);
});

test("dimensions have names of letters, digits and underscores, each once, none that a query uses", () => {
  for (const name of ["platform", "p", "planTier2", "a_b", `a${"b".repeat(31)}`, "constructor"]) {
    expect([name, accepts({ dimensions: [name] })]).toEqual([name, true]);
  }
  const bad = [
    "",
    "Plan",
    "2nd",
    "_a",
    "a-b",
    "a b",
    "über",
    `a${"b".repeat(32)}`,
    "by",
    "window",
    "cohort",
    7,
  ];
  for (const name of bad) expect([name, accepts({ dimensions: [name] })]).toEqual([name, false]);
  expect(complaint({ dimensions: ["a", "a"] })).toBe("dimensions: expected each dimension once");
  const many = Array.from({ length: maxDimensions + 1 }, (_, index) => `d${index}`);
  expect(accepts({ dimensions: many.slice(1) })).toBe(true);
  expect(complaint({ dimensions: many })).toBe(`dimensions: expected at most ${maxDimensions} dimensions`);
});

test("origins are taken as a browser writes them", () => {
  expect(decodeSettings({ origins: ["https://App.Example.com", "http://localhost:3000/"] })).toEqual({
    ok: true,
    value: { origins: ["https://app.example.com", "http://localhost:3000"] },
  });
  // Pages without an origin are let in only by whoever names them.
  expect(decodeSettings({ origins: ["null"] })).toEqual({ ok: true, value: { origins: ["null"] } });
  for (const origin of ["app.example.com", "https://a.example/path", "ftp://a.example", "", "*", null, 1]) {
    expect([origin, accepts({ origins: [origin] })]).toEqual([origin, false]);
  }
  expect(accepts({ origins: Array(101).fill("https://a.example") })).toBe(false);
});

test("a way to sign is a secret of 32 bytes or a URL, filled in with what isn't said", () => {
  const decoded = (jwt: unknown) => {
    const settings = decodeSettings({ jwt });
    return settings.ok ? settings.value.jwt : settings.error;
  };
  const rest = { audience: null, issuer: null };
  expect(decoded(secret)).toEqual({ secret, algorithms: ["HS256"], ...rest });
  expect(decoded({ secret, algorithms: ["HS512"], audience: "app" })).toEqual({
    secret,
    algorithms: ["HS512"],
    audience: "app",
    issuer: null,
  });
  expect(decoded("https://a.example/jwks")).toMatchObject({ jwks: "https://a.example/jwks", ...rest });
  expect(decoded({ secret: hiddenSecret })).toMatchObject({ secret: hiddenSecret });
  expect(decoded(null)).toBeNull();
  // Bytes, not characters.
  expect(accepts({ jwt: "ü".repeat(16) })).toBe(true);
  expect(accepts({ jwt: "s".repeat(31) })).toBe(false);
});

test("a public key never stands for a shared secret, nor the other way round", () => {
  const jwks = "https://a.example/jwks";
  for (const jwt of [
    { secret, algorithms: ["RS256"] },
    { secret, algorithms: ["HS256", "EdDSA"] },
    { jwks, algorithms: ["HS256"] },
    { jwks, algorithms: ["none"] },
    { jwks, secret },
    { secret, algorithms: [] },
    { secret, audience: "" },
    {},
    7,
  ]) {
    expect(complaint({ jwt })).toMatch(/^jwt: expected \{"secret":"…"\}/);
  }
});

test("what isn't known is refused with what is, and no complaint quotes what was sent", () => {
  expect(complaint({ timezone: "UTC" })).toMatch(/unknown setting: expected timeZone, /);
  for (const input of [null, [], "x", 3])
    expect(complaint(input)).toContain("expected an object of settings");
  const names = fc.constantFrom("timeZone", "dimensions", "origins", "identity", "jwt", "shards", "tokenTtl");
  const sent = fc.oneof(fc.constant("alice@example.com"), fc.constant(["alice@example.com"]));
  fc.assert(
    fc.property(names, sent, (name, value) => {
      expect(complaint({ [name]: value })).not.toContain("alice");
      expect(complaint({ [name]: value })).toContain(`${name}: `);
    }),
  );
});
