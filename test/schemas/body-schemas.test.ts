import { expect, test } from "vitest";
import { maxBeatLeadMs, maxDaysInLink } from "../../worker/limits.ts";
import { decodeActivity, decodeBeat, decodeHeartbeat } from "../../worker/schemas/beat-schema.ts";
import { decodeAnonymousLink, decodeExclusion, decodeLink } from "../../worker/schemas/link-schema.ts";
import { decodeExchange, decodeRevocation } from "../../worker/schemas/token-schema.ts";

const now = Date.parse("2026-11-20T10:00:00Z");
const maxAgeMs = 7 * 86_400_000;
const ignored: string[] = [];
const beat = (input: unknown) =>
  decodeBeat(input, { now, maxAgeMs, dimensions: ["plan"] }, (name) => ignored.push(name));
const days = ["2026-11-19"];

test("a beat says who was active and when, which is now where it isn't said", () => {
  expect(beat({ user: "u-42" })).toMatchObject({
    ok: true,
    value: { who: { space: "user", id: "u-42" }, at: now },
  });
  expect(beat({ anonymous: "i-1", at: now - 5, since: "2026-11-01", dimensions: { plan: "gold" } })).toEqual({
    ok: true,
    value: {
      who: { space: "anonymous", id: "i-1" },
      at: now - 5,
      since: "2026-11-01",
      dimensions: { plan: "gold" },
    },
  });
  expect(beat({})).toMatchObject({ ok: true, value: { who: null } });
});

test("a beat may be as old as its door allows and a little ahead, to the millisecond", () => {
  const at = (instant: number) => beat({ user: "a", at: instant });
  expect(at(now - maxAgeMs).ok).toBe(true);
  expect(at(now + maxBeatLeadMs).ok).toBe(true);
  expect(at(now - maxAgeMs - 1)).toEqual({
    ok: false,
    why: "too_old",
    error: "at: too old: expected 2026-11-13T10:00:00.000Z or later",
  });
  expect(at(now + maxBeatLeadMs + 1)).toEqual({
    ok: false,
    why: "in_the_future",
    error: "at: in the future: expected 2026-11-20T10:05:00.000Z or earlier",
  });
});

test("each body is refused with the member that is wrong and what would be right, and is not quoted", () => {
  const refusals: [{ ok: boolean; error?: string }, string][] = [
    [beat("alice"), 'expected a beat, such as {"user":"u-42"}'],
    [beat({ user: "" }), "user: expected 1 to 256 characters, got none"],
    [beat({ user: "alice".repeat(60) }), "user: expected at most 256 characters"],
    [beat({ user: "\ud800" }), "user: expected well-formed Unicode, got a lone surrogate"],
    [beat({ user: 5 }), "user: expected a string of 1 to 256 characters"],
    [beat({ user: "alice", anonymous: "alice" }), "expected either user or anonymous"],
    [beat({ user: "a", at: 1.5 }), "at: expected Unix milliseconds (1795203773000) as a whole number"],
    [
      beat({ user: "a", since: "alice" }),
      "since: expected Unix milliseconds (1795203773000), ISO 8601 with a zone (2026-11-19T10:00:00Z), or a day (2026-11-19)",
    ],
    [beat({ user: "a", since: "2026-02-30" }), "since: expected a day that exists, written YYYY-MM-DD"],
    [beat({ user: "a", plan: "alice" }), 'plan: unknown; did you mean {"dimensions":{"plan":…}}?'],
    [beat({ user: "a", via: "alice" }), "via: expected foreground, socket, manual or server"],
    [beat({ user: "a", dimensions: ["alice"] }), "dimensions: expected an object of strings"],
    [decodeHeartbeat(null), 'expected an object, such as {"key":"hc_pub_…","beats":[{"user":"u-42"}]}'],
    [decodeHeartbeat({ key: "k" }), "beats: expected a list of beats"],
    [
      decodeHeartbeat({ beats: [], invalidate: "alice" }),
      "invalidate: expected true to revoke the token, or false",
    ],
    [decodeActivity({ beats: "alice" }), "beats: expected a list of beats"],
    [decodeLink({ from: "alice", to: "alice" }), "expected two different users"],
    [decodeLink({ from: "alice" }), "to: expected a string of 1 to 256 characters"],
    [
      decodeLink({ from: "a", to: "b", days: ["alice"] }),
      "days: expected days that exist, written YYYY-MM-DD",
    ],
    [
      decodeLink({ from: "a", to: "b", days: "alice" }),
      'days: expected a list of days, such as ["2026-11-19"]',
    ],
    [
      decodeExclusion({ user: "a", days: Array(maxDaysInLink + 1).fill("2026-11-19") }),
      `days: expected at most ${maxDaysInLink} days`,
    ],
    [decodeExclusion([]), 'expected an object, such as {"user":"staff-7"}, perhaps with days'],
    [decodeAnonymousLink({}), "link: anonymous: expected a string of 1 to 256 characters"],
    [decodeExchange({}), "client: expected a string of 1 to 256 characters"],
    [decodeExchange({ client: "c", user: "alice", anonymous: "b" }), "expected either user or anonymous"],
    [
      decodeExchange({ client: "c", identity: "alice".repeat(2000) }),
      "identity: expected at most 8192 characters",
    ],
    [decodeRevocation({ user: null }), "user: expected a string of 1 to 256 characters"],
  ];
  for (const [decoded, error] of refusals) expect(decoded).toEqual({ ok: false, error });
});

test("bodies that are right are taken, and nothing is made up for what isn't said", () => {
  expect(decodeHeartbeat({ key: "k", beats: [1, null] })).toEqual({
    ok: true,
    value: { key: "k", beats: [1, null], now: undefined, includeBots: false, ignored: [] },
  });
  expect(decodeActivity({ beats: [{}] })).toEqual({ ok: true, value: { beats: [{}] } });
  expect(decodeLink({ from: "a", to: "b" })).toEqual({ ok: true, value: { from: "a", to: "b" } });
  expect(decodeExclusion({ user: "a", days })).toEqual({ ok: true, value: { user: "a", days } });
  expect(decodeAnonymousLink({ anonymous: "a" })).toEqual({
    ok: true,
    value: { anonymous: "a", first: null, days: null, now: null },
  });
  expect(decodeExchange({ client: "c", user: "a" })).toEqual({ ok: true, value: { client: "c", user: "a" } });
  expect(decodeRevocation({ user: "a" })).toEqual({ ok: true, value: { user: "a" } });
});
