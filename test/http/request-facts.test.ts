import { expect, test } from "vitest";
import { requestFacts } from "../../worker/http/request-facts.ts";
import { maxFactLength } from "../../worker/limits.ts";

/** A request as the platform hands it over, with what it guesses of its origin beside it. */
function requestFrom(headers: Record<string, string>, cf?: unknown): Request {
  const request = new Request("https://headcount.test/v1/heartbeat", { headers });
  return cf === undefined ? request : Object.assign(request, { cf });
}

test("of a request that tells nothing nothing is known", () => {
  expect(requestFacts(requestFrom({}), "x-forwarded-for")).toEqual({
    address: null,
    origin: null,
    userAgent: "",
    country: null,
    continent: null,
  });
});

test("address, origin, user agent and the platform's guess are taken, and nothing else", () => {
  const headers = {
    "x-forwarded-for": "198.51.100.1, 203.0.113.7",
    origin: "https://app.example.com",
    "user-agent": "Mozilla/5.0",
    cookie: "session=secret",
    "accept-language": "de",
  };
  const cf = { country: "DE", continent: "EU", city: "Berlin", latitude: "52.5" };
  expect(requestFacts(requestFrom(headers, cf), "x-forwarded-for")).toEqual({
    address: "203.0.113.7",
    origin: "https://app.example.com",
    userAgent: "Mozilla/5.0",
    country: "DE",
    continent: "EU",
  });
});

test("an address in a header that no proxy sets is not believed", () => {
  expect(requestFacts(requestFrom({ "x-forwarded-for": "203.0.113.7" }), undefined).address).toBeNull();
});

test("what the platform guesses is taken where it is a text", () => {
  for (const cf of [{}, { country: 7, continent: null }, { country: undefined }]) {
    expect(requestFacts(requestFrom({}, cf), undefined)).toMatchObject({ country: null, continent: null });
  }
});

test("nothing that a stranger sends takes more room than a fact may", () => {
  const long = "x".repeat(4 * maxFactLength);
  const facts = requestFacts(
    requestFrom({ origin: long, "user-agent": long, "x-real-ip": long }),
    "x-real-ip",
  );
  for (const fact of [facts.origin, facts.userAgent, facts.address]) expect(fact).toHaveLength(maxFactLength);
});
