import { expect, test } from "vitest";
import { suggest, unknownName } from "../../worker/schemas/suggest.ts";

const known = ["user", "anonymous", "at", "via", "since", "dimensions"];

test("names of times are taken for `at`, other slips for what is nearest", () => {
  const meant = {
    at: [
      "timestamp",
      "time",
      "ts",
      "At",
      "AT",
      "_at",
      "date",
      "datetime",
      "eventTime",
      "event_time",
      "last_active_time",
      "lastSeen",
      "occurred_at",
      "occurredAt",
      "sent_at",
      "when",
    ],
    user: [
      "User",
      "usr",
      "users",
      "userId",
      "user_id",
      "uid",
      "id",
      "customer_id",
      "account",
      "member",
      "email",
    ],
    anonymous: [
      "anon",
      "anonymous_id",
      "anonymousId",
      "Anonymous",
      "anonymos",
      "deviceId",
      "visitor",
      "installation",
    ],
    since: ["signup", "sign_up_date", "signed_up_at", "first_seen", "firstSeen", "registered_at", "sinse"],
    dimensions: ["dims", "dimension", "Dimensions", "properties", "props", "traits", "attributes", "tags"],
  };
  for (const [name, slips] of Object.entries(meant)) {
    for (const slip of slips) expect([slip, suggest(slip, known)]).toEqual([slip, [name]]);
  }
  expect(suggest("created_at", known)).toEqual(["at", "since"]);
  expect(suggest("colour", known)).toEqual([]);
});

test("a refusal names what isn't known, unless it may be somebody's id", () => {
  expect(unknownName("timestamp", known)).toBe("timestamp: unknown; did you mean at?");
  expect(unknownName("colour", known)).toBe(`colour: unknown: expected ${known.join(", ")}`);
  for (const id of ["alice@example.com", "u-42", "4fe9a2d8c1", "x".repeat(33), "Ä", ""]) {
    const words = unknownName(id, known);
    if (id !== "") expect(words).not.toContain(id);
    expect(words).toContain("expected user, anonymous");
  }
});
