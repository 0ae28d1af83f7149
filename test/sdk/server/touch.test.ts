import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHeadcount, HeadcountError, type ServerOptions } from "../../../sdk/server/index.ts";
import { hour, minute, pass, restartTheClock, start, stopTheClock } from "../../support/fake-client.ts";
import { openServer } from "../../support/fake-service.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("a thousand touches a second of one user are one beat a slot", async () => {
  const { headcount, service } = openServer();
  for (let second = 0; second < 12 * 60; second++) {
    for (let touch = 0; touch < 1000; touch++) headcount.touch("u-42");
    await pass(1000);
  }
  await pass(1000);
  const slots = service.requests.map(({ at }) => Math.floor(at / (5 * minute)));
  expect(slots).toHaveLength(3);
  expect(new Set(slots).size).toBe(3);
  expect(service.beats).toEqual(Array.from({ length: 3 }, () => ({ user: "u-42", via: "server" })));
});

test("users are gathered and sent in batches of NDJSON with the secret key", async () => {
  const { headcount, service } = openServer();
  for (let user = 0; user < 2500; user++) headcount.touch(`u-${user}`);
  expect(service.requests).toHaveLength(0);
  await pass(1000);
  expect(service.batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
  expect(new Set(service.beats.map(({ user }) => user)).size).toBe(2500);
  const [request] = service.requests;
  expect(request).toMatchObject({ method: "POST", path: "/v1/activity" });
  expect(request?.headers.get("authorization")).toBe("Bearer hc_secret_test_mac");
  expect(request?.headers.get("content-type")).toBe("application/x-ndjson");
});

test("what is known besides the id goes along, and another value of it in the same slot too", async () => {
  const { headcount, service } = openServer();
  for (let again = 0; again < 3; again++) {
    headcount.touch("u-42", { since: "2026-11-01", dimensions: { tenant: "acme" } });
    headcount.touch("u-42", { since: "2026-11-01", dimensions: { tenant: "globex" }, via: "manual" });
  }
  await pass(1000);
  expect(service.beats).toEqual([
    { user: "u-42", via: "server", since: "2026-11-01", dimensions: { tenant: "acme" } },
    { user: "u-42", via: "manual", since: "2026-11-01", dimensions: { tenant: "globex" } },
  ]);
});

test("a background job says when it was, once a slot of that time", async () => {
  const { headcount, service } = openServer();
  const at = start - 3 * hour;
  headcount.touch("u-42", { at });
  headcount.touch("u-42", { at: new Date(at + 1) });
  headcount.touch("u-42");
  headcount.touch("u-42", { at: at + 5 * minute });
  await pass(1000);
  expect(service.beats.map((beat) => beat.at)).toEqual([at, undefined, at + 5 * minute]);
});

test("a touch at the end of a slot that is sent in the next one says when it was", async () => {
  const { headcount, service } = openServer();
  const end = start - (start % (5 * minute)) + 5 * minute;
  await pass(end - start - 100);
  headcount.touch("u-42");
  await pass(1000);
  expect(service.beats).toEqual([{ user: "u-42", via: "server", at: end - 100 }]);
});

test("who was touched least recently is forgotten first, and is sent once more at worst", async () => {
  const { headcount, service } = openServer({ maxRemembered: 2 });
  for (const user of ["busy", "a", "busy", "b", "busy", "a", "busy"]) headcount.touch(user);
  await pass(1000);
  for (const user of ["busy", "c", "busy"]) headcount.touch(user);
  await pass(1000);
  expect(service.beats.filter(({ user }) => user === "busy")).toHaveLength(1);
  expect(new Set(service.beats.map(({ user }) => user))).toEqual(new Set(["a", "b", "busy", "c"]));
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a number", 42],
  ["an empty text", ""],
  ["a text that is too long", "x".repeat(257)],
  ["an object", { toString: () => "secret-id" }],
])("%s in place of a user is reported and never thrown", async (_, user) => {
  const { headcount, service, errors } = openServer();
  headcount.touch(user as string);
  headcount.touchIdentified(() => ({ user: user as string }));
  await pass(1000);
  expect(errors.map(({ code }) => code)).toEqual(["invalid", "invalid"]);
  expect(errors[0]?.message).toMatch(
    /^user: expected a string of 1 to 256 characters, got (undefined|object|number|0|257)$/,
  );
  expect(service.requests).toHaveLength(0);
});

test.each([Number.NaN, new Date("never"), 1.5, "yesterday"])("a time of %s is reported", (at) => {
  const { headcount, errors } = openServer();
  headcount.touch("secret-id", { at: at as number });
  expect(errors).toMatchObject([{ code: "invalid", message: expect.stringContaining("at: expected") }]);
  expect(errors[0]?.message).not.toContain("secret-id");
});

test("an identify that throws or rejects is reported with its cause, or as a HeadcountError that says it all", async () => {
  const { headcount, errors } = openServer();
  const cause = new Error("no session store");
  const known = new HeadcountError("unreachable", "linking: no answer");
  headcount.touchIdentified(() => {
    throw cause;
  });
  headcount.touchIdentified(() => Promise.reject(cause));
  headcount.touchIdentified(() => Promise.reject(known));
  await pass(0);
  expect(errors).toMatchObject([
    { code: "identify-failed", cause },
    { code: "identify-failed", cause },
    { code: "unreachable" },
  ]);
  expect(errors[2]).toBe(known);
});

test("whoever identify finds is touched, now or later, and nobody is nobody", async () => {
  const { headcount, service, errors } = openServer();
  headcount.touchIdentified(() => "u-1");
  headcount.touchIdentified(() => Promise.resolve({ user: "u-2", dimensions: { tenant: "acme" } }), {
    since: "2026-11-01",
  });
  headcount.touchIdentified(() => undefined);
  headcount.touchIdentified(() => null);
  await pass(1000);
  expect(service.beats).toEqual([
    { user: "u-1", via: "server" },
    { user: "u-2", via: "server", since: "2026-11-01", dimensions: { tenant: "acme" } },
  ]);
  expect(errors).toEqual([]);
});

test("an onError that throws harms nobody; without one a line is logged that names nobody", () => {
  const logged = vi.spyOn(console, "error").mockReturnValue();
  const { headcount } = openServer({
    onError: () => {
      throw new Error("the app's own");
    },
  });
  headcount.touch("");
  expect(logged).not.toHaveBeenCalled();
  openServer({ onError: undefined }).headcount.touch("x".repeat(300));
  expect(logged.mock.calls).toEqual([
    ["Headcount: invalid: user: expected a string of 1 to 256 characters, got 300"],
  ]);
});

test("with waitUntil every new user is sent at once, inside what the platform waits for", async () => {
  const work: Promise<unknown>[] = [];
  const { headcount, service } = openServer({ waitUntil: (promise) => work.push(promise) });
  headcount.touch("u-1");
  headcount.touch("u-1");
  headcount.touch("u-2");
  expect(vi.getTimerCount()).toBe(0);
  await Promise.all(work);
  expect(service.batches).toEqual([
    [
      { user: "u-1", via: "server" },
      { user: "u-2", via: "server" },
    ],
  ]);
  const own: Promise<unknown>[] = [];
  headcount.touch("u-3", { waitUntil: (promise) => own.push(promise) });
  await Promise.all(own);
  expect(service.beats).toHaveLength(3);
  expect(work).toHaveLength(2);
});

test("a waitUntil that throws is reported", () => {
  const { headcount, errors } = openServer({
    waitUntil: () => {
      throw new TypeError("Illegal invocation");
    },
  });
  headcount.touch("u-42");
  headcount.touchIdentified(() => undefined);
  expect(errors.map(({ code }) => code)).toEqual(["invalid", "invalid"]);
});

test.each<[string, Partial<ServerOptions>]>([
  ["endpoint", { endpoint: "hc.example.com" }],
  ["endpoint", { endpoint: "/hb" }],
  ["secretKey", { secretKey: "hc_pub_demo_mac" }],
  ["gatherMs", { gatherMs: -1 }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["maxWaiting", { maxWaiting: Number.NaN }],
  ["maxRemembered", { maxRemembered: 0 }],
])("a wrong %s is named when the client is made", (name, wrong) => {
  const options = { endpoint: "https://hc.test", secretKey: "hc_secret_demo_mac", ...wrong };
  expect(() => createHeadcount(options)).toThrow(TypeError);
  expect(() => createHeadcount(options)).toThrow(new RegExp(`^${name}: expected`));
});

test("a slash at the end of the endpoint does no harm", async () => {
  const { headcount, service } = openServer({ endpoint: "https://hc.test/hb//" });
  headcount.touch("u-42");
  await pass(1000);
  expect(service.requests[0]?.path).toBe("/hb/v1/activity");
});

test("a client that is disabled needs no key, counts nobody, and says so where it is asked", async () => {
  const { headcount, service, errors } = openServer({ disabled: true, secretKey: "" });
  headcount.touch("u-42");
  headcount.touchIdentified(() => {
    throw new Error("not called");
  });
  expect(await headcount.flush()).toBe(true);
  await expect(headcount.query.online()).rejects.toMatchObject({ code: "disabled" });
  await expect(headcount.link("u-43", "u-42")).rejects.toMatchObject({ code: "disabled" });
  expect(await headcount.close()).toBe(true);
  expect(service.requests).toEqual([]);
  expect(errors).toEqual([]);
});
