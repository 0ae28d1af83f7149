import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import * as headcountServer from "../../sdk/server/index.ts";
import { startCountedService } from "../support/counted-service.ts";
import { openRecipes, type Recipes } from "../support/recipes.ts";
import { listen } from "../support/static-server.ts";

/*
 * The recipes of docs/auth.md for Supabase, Keycloak and Firebase, run as they are written against a real service. Supabase's
 * signatures are verified by the real `standardwebhooks`. The three services, and the libraries of Supabase and
 * Firebase, are stand-ins after their documentation.
 */

let recipes: Recipes;

beforeAll(async () => {
  recipes = await openRecipes("docs/auth.md");
});
afterAll(() => recipes?.close());

const created = "2026-10-01T12:00:00.000Z";

type Handle = (request: Request) => Promise<Response>;

/** What Supabase Auth posts to a custom access token hook, after its documentation. */
function accessTokenEvent(user: string, iat: number, method: string): string {
  return JSON.stringify({
    user_id: user,
    claims: {
      aud: "authenticated",
      exp: iat + 3600,
      iat,
      sub: user,
      email: "",
      phone: "",
      app_metadata: {},
      user_metadata: {},
      role: "authenticated",
      aal: "aal1",
      amr: [{ method, timestamp: iat }],
      session_id: "4b938a09-5372-4177-a314-cfa292099ea2",
      is_anonymous: false,
    },
    authentication_method: method,
  });
}

test("Supabase's hook counts sign-ins and renewals, gives the claims back, and takes no stranger's word", async () => {
  const { proxy, service, headcount, daily } = await startCountedService();
  const secret = `whsec_${Buffer.from("a secret of the test, 32 bytes..").toString("base64")}`;
  const work: Promise<unknown>[] = [];
  let handle: Handle = async () => new Response();
  const env: Record<string, string> = {
    HOOK_SECRET: `v1,${secret}`,
    SUPABASE_URL: "https://project.supabase.co",
    SUPABASE_SERVICE_ROLE_KEY: "key",
    HEADCOUNT_ENDPOINT: proxy.url,
    HEADCOUNT_SECRET_KEY: service.keys.secret,
  };
  vi.stubGlobal("Deno", {
    env: { get: (name: string) => env[name] },
    serve: (handler: Handle) => void (handle = handler),
  });
  vi.stubGlobal("EdgeRuntime", { waitUntil: (going: Promise<unknown>) => work.push(going) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const getUserById = async (id: string) =>
    id === "u-gone" ? { data: { user: null } } : { data: { user: { id, created_at: created } } };
  await recipes.load("supabase/functions/custom-access-token/index.ts", {
    "npm:@supabase/supabase-js@2": { createClient: () => ({ auth: { admin: { getUserById } } }) },
    "npm:headcount/server": { ...headcountServer },
    "npm:standardwebhooks@1": { Webhook },
  });

  const post = async (body: string, by = secret) => {
    const at = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
      "webhook-signature": new Webhook(by).sign("msg_1", at, body),
    };
    return handle(new Request("https://hook.test/", { method: "POST", body, headers }));
  };
  const iat = Math.floor(Date.now() / 1000) - 30;
  const foreign = `whsec_${Buffer.from("another secret of 32 bytes......").toString("base64")}`;
  expect((await post(accessTokenEvent("u-1", iat, "password"), foreign)).status).toBe(401);
  expect((await handle(new Request("https://hook.test/", { method: "POST", body: "{}" }))).status).toBe(401);
  for (const [user, method] of [
    ["u-1", "password"],
    ["u-1", "password"],
    ["u-2", "token_refresh"],
    ["u-gone", "token_refresh"],
  ] as const) {
    const body = accessTokenEvent(user, iat, method);
    const response = await post(body);
    expect(response.status).toBe(200);
    const { claims } = JSON.parse(body) as { claims: object };
    expect(await response.json()).toEqual({ claims });
  }
  while (work.length > 0) await Promise.all(work.splice(0));
  expect(await daily()).toBe(3);
  expect(proxy.beats).toMatchObject([
    { user: "u-1", at: iat * 1000, since: created },
    { user: "u-2", at: iat * 1000, since: created },
    { user: "u-gone", at: iat * 1000 },
  ]);

  // Signing in waits for neither the service nor the lookup.
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  proxy.isDown = true;
  expect((await post(accessTokenEvent("u-3", iat, "password"))).status).toBe(200);
  while (work.length > 0) await Promise.all(work.splice(0));
  expect(told).toHaveBeenCalledWith(expect.stringContaining("Headcount: unreachable: sending activity: "));

  const { countUser } = await recipes.load<{ countUser: (supabase: object) => Promise<void> }>(
    "server/count-user.ts",
    { "../headcount": { headcount } },
  );
  proxy.isDown = false;
  for (const user of [null, { id: "u-4", created_at: created }]) {
    await countUser({ auth: { getUser: async () => ({ data: { user } }) } });
  }
  expect(await daily()).toBe(4);
});

/** The admin API of a realm of Keycloak, as far as its documentation says: events by type, the newest first, in pages. */
async function startKeycloak(events: { type: string; userId?: string; time: number }[]) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://keycloak");
    const user = /^\/admin\/realms\/acme\/users\/(.+)$/.exec(pathname)?.[1];
    if (request.headers.authorization !== "Bearer token") return void response.writeHead(401).end();
    if (user?.startsWith("gone")) return void response.writeHead(404).end("{}");
    if (user) return void response.end(JSON.stringify({ id: user, createdTimestamp: Date.parse(created) }));
    const types = searchParams.getAll("type");
    const [from, first, max] = ["dateFrom", "first", "max"].map((name) => Number(searchParams.get(name)));
    const found = events
      .filter(({ type, time }) => types.includes(type) && time >= (from ?? 0))
      .toSorted((a, b) => b.time - a.time)
      .slice(first, (first ?? 0) + (max ?? 0));
    response.end(JSON.stringify(found));
  });
  const keycloak = await listen(server);
  onTestFinished(() => keycloak.close());
  return { realm: `${keycloak.url}/admin/realms/acme`, requests: () => requests };
}

test("the job for Keycloak counts whoever signed in or renewed, when they did, however often it runs", async () => {
  const { headcount, proxy, errors, daily } = await startCountedService();
  const now = Date.now();
  const from = now - 3_600_000;
  const people = new Set<string>();
  const events: { type: string; userId?: string; time: number }[] = [
    { type: "LOGIN", userId: "too-early", time: from - 1 },
    { type: "LOGIN_ERROR", userId: "wrong-password", time: now - 1000 },
    { type: "LOGOUT", userId: "left", time: now - 1000 },
    { type: "CLIENT_LOGIN", time: now - 1000 },
  ];
  for (let event = 0; event < 250; event++) {
    const userId = `${event % 3 === 0 ? "gone" : "user"}-${event % 120}`;
    people.add(userId);
    events.push({ type: event % 2 ? "LOGIN" : "REFRESH_TOKEN", userId, time: now - 1000 - event * 10_000 });
  }
  const { realm, requests } = await startKeycloak(events);
  const { countKeycloak } = await recipes.load<{
    countKeycloak: (realm: string, token: string, from: number) => Promise<boolean>;
  }>("jobs/count-keycloak.ts", { "../headcount": { headcount } });
  await expect(countKeycloak(realm, "another token", from)).rejects.toThrow("Keycloak answered 401");

  const before = requests();
  for (let run = 0; run < 2; run++) expect(await countKeycloak(realm, "token", from)).toBe(true);
  expect(requests() - before).toBe(2 * (3 + people.size));
  expect(await daily()).toBe(people.size);
  expect(new Set(proxy.beats.map(({ user }) => user))).toEqual(people);
  const times = new Map(events.map(({ userId, time }) => [`${userId} ${time}`, time]));
  for (const { user, at, since } of proxy.beats) {
    expect(times.get(`${user} ${at}`)).toBe(at);
    expect(since).toBe(user?.startsWith("gone") ? undefined : created);
  }
  expect(errors).toEqual([]);
});

test("Firebase's function counts who signs in, and its token tells when they signed up", async () => {
  const { headcount, proxy, daily } = await startCountedService();
  type Answer = { sessionClaims: { since: string } } | undefined;
  type Run = (event: object) => Promise<Answer>;
  const { countSignIn } = await recipes.load<{ countSignIn: Run }>("functions/index.ts", {
    "firebase-functions/v2/identity": { beforeUserSignedIn: (handler: Run) => handler },
    "./headcount": { headcount },
  });
  const at = Math.floor(Date.now() / 1000) * 1000 - 5000;
  /** As `firebase-functions` 7 hands it over: times are UTC texts. */
  const event = (uid: string, creationTime: string | null = new Date(created).toUTCString()) => ({
    eventType: "providers/cloud.auth/eventTypes/user.beforeSignIn:password",
    timestamp: new Date(at).toUTCString(),
    data: { uid, emailVerified: true, disabled: false, metadata: { creationTime }, providerData: [] },
  });
  const answer = await countSignIn(event("u-1"));
  expect(answer).toEqual({ sessionClaims: { since: created } });
  expect(await countSignIn(event("u-2", null))).toEqual({
    sessionClaims: { since: new Date(at).toISOString() },
  });
  expect(await countSignIn({ timestamp: new Date(at).toUTCString() })).toBeUndefined();
  expect(proxy.beats).toMatchObject([
    { user: "u-1", at, since: created },
    { user: "u-2", at },
  ]);

  const tokens: Record<string, { uid: string; since?: string }> = {
    "of u-1": { uid: "u-1", since: answer?.sessionClaims.since ?? "" },
    "of before": { uid: "u-3" },
  };
  const verifyIdToken = async (token: string) => {
    const found = tokens[token];
    if (!found) throw new Error("not verified");
    return found;
  };
  const { userOf } = await recipes.load<{ userOf: (token: string) => Promise<string> }>("server/user-of.ts", {
    "firebase-admin/auth": { getAuth: () => ({ verifyIdToken }) },
    "../headcount": { headcount },
  });
  await expect(userOf("of a stranger")).rejects.toThrow("not verified");
  expect(await userOf("of u-1")).toBe("u-1");
  expect(await userOf("of before")).toBe("u-3");
  expect(await daily()).toBe(3);

  // A service that is away keeps nobody from signing in.
  proxy.isDown = true;
  expect(await countSignIn(event("u-4"))).toEqual({ sessionClaims: { since: created } });
});
