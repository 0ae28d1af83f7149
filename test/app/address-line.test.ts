import { expect, test } from "vitest";
import { checkAddress } from "../../worker/http/address-line.ts";
import { maxAddressLength } from "../../worker/limits.ts";
import { checkOnce } from "../../worker/query/members.ts";
import { fetchRoute } from "../../worker/routes.ts";
import { FakeEnv } from "./fake-env.ts";

const origin = "https://headcount.test";

test("an address may be as long as the longest that is of use, and no longer", () => {
  const path = `${origin}/badge.svg?`;
  expect(() => checkAddress(path.padEnd(maxAddressLength, "0"))).not.toThrow();
  expect(() => checkAddress(path.padEnd(maxAddressLength + 1, "0"))).toThrow("at most 4096 characters");
});

test("each member of a query is looked at once, however many there are", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => String(index));
  let steps = 0;
  const query = {
    *keys() {
      for (const name of names) {
        steps++;
        yield name;
      }
    },
  } as unknown as URLSearchParams;
  expect(checkOnce(query).ok).toBe(true);
  expect(steps).toBe(names.length);
});

/** A request such as no client library makes, and an engine hands on all the same. */
function raw(method: string, url: string): Promise<Response> {
  const request = { method, url, headers: new Headers(), body: new ReadableStream() };
  return fetchRoute(request as unknown as Request, new FakeEnv().env);
}

test("HEAD with a body is answered as GET would be, without a body", async () => {
  for (const [path, status] of [
    ["/healthz", 200],
    ["/v1/active", 401],
    ["/v1/nowhere", 404],
  ] as const) {
    const response = await raw("HEAD", origin + path);
    expect([path, response.status, await response.text()]).toEqual([path, status, ""]);
    if (status !== 200) expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
});

test("a Host that is none is told in a problem document", async () => {
  for (const [method, url] of [
    ["GET", "http://[/healthz"],
    ["POST", "http://a b:c/v1/heartbeat"],
    ["GET", "http://x:99999/v1/live"],
    ["HEAD", "http://[/healthz"],
    ["GET", `${origin}/${"a".repeat(60_000)}`],
    ["GET", `${origin}/badge.svg?${"0&".repeat(30_000)}`],
  ] as const) {
    const response = await raw(method, url);
    expect([url.slice(0, 40), response.status]).toEqual([url.slice(0, 40), 400]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    if (method !== "HEAD")
      expect(await response.json()).toMatchObject({ type: "malformed-address", status: 400 });
  }
});
