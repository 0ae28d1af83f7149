import { expect, test } from "vitest";
import { defaultSettings, type Settings } from "../../worker/counting/app-settings.ts";
import { type Change, effectsOf } from "../../worker/dashboard/settings/effects.ts";
import { identityChange, sourceOf } from "../../worker/dashboard/settings/identity.ts";
import { settingsSchema } from "../../worker/schemas/settings-schema.ts";

const before: Settings = {
  ...defaultSettings,
  dimensions: ["platform", "plan"],
  origins: ["https://a.example"],
};

function effects(change: Change, settings = before): string {
  return effectsOf(settings, change, "acme").join(" ");
}

test("a dimension that is declared is told from one that the service fills in and one that is removed", () => {
  expect(effects({ dimensions: ["platform", "plan", "tenant"] })).toBe(
    "tenant is recorded from now on, for heartbeats and activity that contain it. Earlier activity has no tenant.",
  );
  expect(effects({ dimensions: ["platform", "plan", "country"] })).toBe(
    "country is recorded from now on. The service fills it in by itself.",
  );
  expect(effects({ dimensions: ["plan"] })).toMatch(/^platform is no longer recorded/);
});

test("whose pages are refused is said when origins become fewer, and that anyone may when there is none", () => {
  expect(effects({ origins: ["https://b.example"] })).toBe(
    "Only pages of https://b.example may report activity with the public key. Pages of https://a.example are refused from now on.",
  );
  expect(effects({ origins: ["https://b.example"] }, { ...before, origins: [] })).toContain(
    "all other origins are refused",
  );
  expect(effects({ origins: [] })).toContain("any origin");
});

test("what can't be undone is said to be so", () => {
  expect(effects({ retentionDays: 30 })).toContain(
    "Days more than 30 days ago are deleted. This can't be undone.",
  );
  expect(effects({ retentionDays: 800 })).not.toContain("undone");
  const retired = effects({ keyRevisions: { secret: 3 } });
  expect(retired).toContain("below revision 3 are refused");
  expect(retired).toContain("can't be undone");
  expect(retired).toContain("npm run keys -- acme --revision 3");
});

test("a change to what holds already does nothing", () => {
  const { dimensions, origins, timeZone, retentionDays, resolution, identity, jwt } = before;
  expect(
    effectsOf(before, { dimensions, origins, timeZone, retentionDays, resolution, identity, jwt }, "acme"),
  ).toEqual([]);
});

test("each change of the page has an effect that is said, and is one that the service takes", () => {
  const changes: Change[] = [
    { dimensions: [] },
    { origins: [] },
    { timeZone: "Europe/Berlin" },
    { retentionDays: 401 },
    { resolution: "1h" },
    { resolution: "1d" },
    { identity: "signed", jwt: { jwks: "https://a.example/keys", audience: null, issuer: null } },
    { keyRevisions: { pub: 1, read: 1, secret: 1, share: 1 } },
  ];
  for (const change of changes) {
    expect(effectsOf(before, change, "acme"), JSON.stringify(change)).not.toEqual([]);
    expect(settingsSchema.safeParse(change).success, JSON.stringify(change)).toBe(true);
  }
});

test("identity: what was left alone stays, and a secret that isn't shown is sent back as it is", () => {
  const jwt = { secret: "(hidden)", algorithms: ["HS512"], audience: "acme", issuer: null };
  const settings: Settings = { ...before, identity: "signed", jwt };
  const filled = { identity: "signed" as const, source: sourceOf(jwt), audience: "acme", issuer: "" };
  expect(identityChange(settings, filled)).toEqual({});
  expect(identityChange(settings, { ...filled, issuer: "auth" })).toEqual({
    jwt: { ...jwt, issuer: "auth" },
  });
  expect(identityChange(settings, { ...filled, source: "https://a.example/keys" })).toEqual({
    jwt: { jwks: "https://a.example/keys", audience: "acme", issuer: null },
  });
  expect(identityChange(settings, { identity: "open", source: "", audience: "", issuer: "" })).toEqual({
    identity: "open",
    jwt: null,
  });
});
