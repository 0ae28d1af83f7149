import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import {
  AppSettings,
  defaultSettings,
  hiddenSecret,
  type JwtSettings,
  type SettingsChange,
} from "../../worker/counting/app-settings.ts";
import { Calendar } from "../../worker/counting/calendar.ts";
import { roles } from "../../worker/roles.ts";
import { MemoryStore } from "../support/memory-store.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = Date.parse("2026-11-20T10:02:00Z");
const jwt: JwtSettings = { secret: "sealed", algorithms: ["HS256"], audience: null, issuer: null };

let store: MemoryStore;
let settings: AppSettings;

beforeEach(() => {
  store = new MemoryStore();
  settings = new AppSettings(store);
});

/** The app has counted somebody on the day that begins here. */
function countFrom(start: number): void {
  store.putSketch({ kind: "day", start, end: start + dayMs, series: "", sketch: new Uint8Array() });
}

test("an app of which nothing was said has the default settings, one shard and days in UTC", () => {
  const zones = [{ from: 0, zone: "UTC" }];
  expect(settings.config()).toEqual({
    settings: defaultSettings,
    zones,
    shardsEver: 1,
    inclusions: 0,
    tokenEpoch: 0,
  });
  expect(defaultSettings).toMatchObject({ tokenTtl: 21 * 86_400, tokenMinTtl: 86_400, retentionDays: 400 });
});

test("a change keeps what it does not name, and outlives the object", () => {
  expect(settings.change({ retentionDays: 30 }, now)).toBeNull();
  expect(settings.change({ dimensions: ["plan"] }, now)).toBeNull();
  const expected = { ...defaultSettings, retentionDays: 30, dimensions: ["plan"] };
  expect(settings.config().settings).toEqual(expected);
  expect(new AppSettings(store).config().settings).toEqual(expected);
});

test("what is refused says what would be right, and changes nothing", () => {
  settings.change({ keyRevision: 1 }, now);
  settings.change({ keyRevisions: { read: 2 } }, now);
  const before = settings.config();
  const refused: [SettingsChange, string][] = [
    [{ keyRevision: 0 }, "keyRevision: expected 1 or more: a retired key stays retired"],
    [{ keyRevisions: { read: 1 } }, "keyRevisions.read: expected 2 or more: a retired key stays retired"],
    [{ keyRevision: 3 }, "keyRevision: expected at most 2 for pub: a revision rises by one at a time"],
    [
      { keyRevisions: { secret: 999_999 } },
      "keyRevisions.secret: expected at most 2 for secret: a revision rises by one at a time",
    ],
    [
      { tokenMinTtl: defaultSettings.tokenTtl },
      "tokenMinTtl: expected less than tokenTtl, which is 1814400: a token must be rotated before it expires",
    ],
    [{ tokenTtl: 100 }, "tokenMinTtl: expected less than tokenTtl, which is 100"],
    [
      { identity: "signed" },
      "identity: signed requires the jwt setting, which says how identities are signed",
    ],
    [{ jwt: { ...jwt, secret: hiddenSecret } }, "jwt: no secret is stored yet: send the secret itself"],
  ];
  for (const [change, words] of refused) {
    expect(settings.change({ ...change, timeZone: "Asia/Tehran", shards: 8 }, now)).toContain(words);
    expect(settings.config()).toEqual(before);
  }
});

test("the same key revision, a token that lives a second longer, and signed identities with a key are fine", () => {
  expect(settings.change({ keyRevision: 1 }, now)).toBeNull();
  expect(settings.change({ keyRevision: 1 }, now)).toBeNull();
  expect(settings.change({ tokenTtl: 101, tokenMinTtl: 100 }, now)).toBeNull();
  expect(settings.change({ identity: "signed", jwt }, now)).toBeNull();
  expect(settings.change({ jwt: null }, now)).toContain("identity: signed requires the jwt");
});

test("each role's keys are retired alone, or all at once, and what was answered can be sent back", () => {
  const revisions = () => settings.config().settings.keyRevisions;
  expect(settings.change({ keyRevisions: { share: 1, read: 1 } }, now)).toBeNull();
  expect(revisions()).toEqual({ pub: 0, read: 1, secret: 0, share: 1 });
  expect(settings.config().settings.keyRevision).toBe(0);
  expect(settings.change({ keyRevision: 1 }, now)).toBeNull();
  expect(revisions()).toEqual({ pub: 1, read: 1, secret: 1, share: 1 });
  expect(settings.change({ keyRevisions: { pub: 2 } }, now)).toBeNull();
  expect(settings.change(settings.config().settings, now)).toBeNull();
  expect(revisions()).toEqual({ pub: 2, read: 1, secret: 1, share: 1 });
});

test("what the first release stored is a revision of every role", () => {
  store.putMeta("settings", { keyRevision: 4, retentionDays: 30 });
  expect(settings.config().settings).toMatchObject({
    keyRevision: 4,
    keyRevisions: { pub: 4, read: 4, secret: 4, share: 4 },
    retentionDays: 30,
  });
});

test("the stand-in for a secret keeps the secret, and all else of `jwt` is as it is said", () => {
  settings.change({ jwt }, now);
  const sent = { secret: hiddenSecret, algorithms: ["HS512"], audience: "app", issuer: null };
  expect(settings.change({ jwt: sent }, now)).toBeNull();
  expect(settings.config().settings.jwt).toEqual({ ...sent, secret: "sealed" });
  // A new secret takes its place, and a URL has none.
  settings.change({ jwt: { ...jwt, secret: "other" } }, now);
  expect(settings.config().settings.jwt?.secret).toBe("other");
  settings.change({ jwt: { ...jwt, secret: undefined, jwks: "https://a.example" } }, now);
  expect(settings.config().settings.jwt?.secret).toBeUndefined();
  expect(settings.change({ jwt: sent }, now)).toBe("jwt: no secret is stored yet: send the secret itself");
});

test("however changes follow each other, what is kept goes together, and revisions and shards ever only rise", () => {
  const change = fc.record(
    {
      keyRevision: fc.nat(4),
      keyRevisions: fc.record({ pub: fc.nat(4), read: fc.nat(4) }, { requiredKeys: [] }),
      tokenTtl: fc.integer({ min: 1, max: 5 }),
      tokenMinTtl: fc.nat(5),
      identity: fc.constantFrom("open" as const, "signed" as const),
      jwt: fc.constantFrom(null, jwt, { ...jwt, secret: hiddenSecret }),
      shards: fc.constantFrom(1, 2, 4, 8),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      store = new MemoryStore();
      settings = new AppSettings(store);
      let most = 1;
      for (const one of changes) {
        const before = settings.config();
        const complaint = settings.change(one, now);
        const after = settings.config();
        if (complaint !== null) expect(after).toEqual(before);
        else if (one.shards !== undefined) most = Math.max(most, one.shards);
        const { keyRevisions, tokenTtl, tokenMinTtl, identity, jwt: kept } = after.settings;
        expect(tokenMinTtl).toBeLessThan(tokenTtl);
        for (const role of roles) {
          const rise = keyRevisions[role] - before.settings.keyRevisions[role];
          expect([0, 1]).toContain(rise);
        }
        expect(identity === "signed" && kept === null).toBe(false);
        expect(kept?.secret).not.toBe(hiddenSecret);
        expect(after.shardsEver).toBe(most);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("a new zone cuts all days while nobody was counted", () => {
  expect(settings.change({ timeZone: "Asia/Kathmandu" }, now)).toBeNull();
  expect(settings.config().zones).toEqual([{ from: 0, zone: "Asia/Kathmandu" }]);
  expect(settings.calendar.dayAt(now).start).toBe(Date.parse("2026-11-19T18:15:00Z"));
});

test("a new zone cuts days from the full hour on by which every edge knows of it, at least ten minutes ahead", () => {
  for (const [asked, begins] of [
    ["10:02:00.000", "11:00"],
    ["10:50:00.000", "11:00"],
    ["10:50:00.001", "12:00"],
  ] as const) {
    store = new MemoryStore();
    settings = new AppSettings(store);
    countFrom(Date.parse("2026-11-10T00:00:00Z"));
    settings.change({ timeZone: "Asia/Kathmandu" }, Date.parse(`2026-11-20T${asked}Z`));
    const { zones } = settings.config();
    expect(zones.at(-1)).toEqual({ from: Date.parse(`2026-11-20T${begins}:00Z`), zone: "Asia/Kathmandu" });
    expect(settings.calendar.dayAt(now)).toMatchObject({ start: Date.parse("2026-11-20T00:00:00Z") });
  }
});

test("the zone that an app has already changes no days", () => {
  countFrom(Date.parse("2026-11-10T00:00:00Z"));
  settings.change({ timeZone: "UTC", retentionDays: 5 }, now);
  expect(settings.config().zones).toEqual([{ from: 0, zone: "UTC" }]);
});

test("a change of something else leaves all days as they were cut, also when what was counted in them is gone", () => {
  countFrom(Date.parse("2026-11-10T00:00:00Z"));
  settings.change({ timeZone: "Asia/Kathmandu" }, now);
  const { zones } = settings.config();
  store.dropEndedBy("day", now, "everyone");
  countFrom(Date.parse("2026-11-25T18:15:00Z"));
  settings.change({ retentionDays: 30 }, now + 10 * dayMs);
  expect(settings.config().zones).toEqual(zones);
});

test("zones that are taken over say which zone the app is in", () => {
  settings.change({ retentionDays: 7 }, now);
  const zones = [
    { from: 0, zone: "UTC" },
    { from: now, zone: "America/New_York" },
  ];
  settings.adoptZones(zones);
  expect(settings.config()).toMatchObject({
    zones,
    settings: { timeZone: "America/New_York", retentionDays: 7 },
  });
  expect(settings.calendar.zone).toBe("America/New_York");
});

test("inclusions are counted, through a restart too", () => {
  settings.noteInclusion();
  settings.noteInclusion();
  expect(new AppSettings(store).config().inclusions).toBe(2);
});

test("what is kept begins with a whole day of the app's zone", () => {
  settings.change({ timeZone: "Europe/Berlin", retentionDays: 10 }, now);
  expect(settings.keptFrom(now)).toBe(Date.parse("2026-11-09T23:00:00Z"));
});

test("what could not be kept is forgotten", () => {
  settings.change({ timeZone: "Asia/Tehran" }, now);
  store.putMeta("zones", [{ from: 0, zone: "Europe/Berlin" }]);
  expect(settings.calendar.zone).toBe("Asia/Tehran");
  settings.forget();
  expect(settings.calendar.zone).toBe("Europe/Berlin");
  expect(settings.calendar).toBeInstanceOf(Calendar);
});
