import { Auth, type AuthConfig } from "@auth/core";
import GitHub from "@auth/core/providers/github";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { CookieJar } from "../support/cookie-jar.ts";
import { startCountedService } from "../support/counted-service.ts";
import { startOAuthProvider } from "../support/oauth-provider.ts";
import { openRecipes, type Recipes } from "../support/recipes.ts";

/*
 * The recipes of docs/auth.md for Auth.js and Clerk, run as they are written against a real service, with the real
 * libraries. What is posted is as Clerk's documentation has it.
 */

let recipes: Recipes;
beforeAll(async () => {
  recipes = await openRecipes("docs/auth.md");
});
afterAll(() => recipes?.close());

/** What `next-auth` makes of a configuration: the real `@auth/core` behind it. */
function nextAuth(config: AuthConfig) {
  const all = { basePath: "/api/auth", secret: "a secret of the test", trustHost: true, ...config };
  const handle = async (request: Request) => Auth(request, all);
  return { handlers: { GET: handle, POST: handle } };
}

type Handle = (request: Request) => Promise<Response>;
interface NextAuthRecipe {
  handlers: { GET: Handle; POST: Handle };
}

const origin = "http://localhost:3000";

/** What a browser does to sign in with GitHub, which says yes. */
async function signIn(jar: CookieJar, { GET, POST }: NextAuthRecipe["handlers"]): Promise<void> {
  const asked = await jar.send(GET, `${origin}/api/auth/csrf`);
  const { csrfToken } = (await asked.json()) as { csrfToken: string };
  const begun = await jar.send(POST, `${origin}/api/auth/signin/github`, new URLSearchParams({ csrfToken }));
  const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const query = new URLSearchParams({ code: "code", ...(state === "" ? {} : { state }) });
  const signedIn = await jar.send(GET, `${origin}/api/auth/callback/github?${query}`);
  expect(signedIn.headers.get("location")).toBe(origin);
}

test("Auth.js without a database counts whoever has a session, one person over all their sign-ins", async () => {
  const { headcount, proxy, errors, daily } = await startCountedService();
  const provider = await startOAuthProvider();
  onTestFinished(() => provider.close());
  const keys = { clientId: "id", clientSecret: "secret", enterprise: { baseUrl: provider.url } };
  const { handlers } = await recipes.load<NextAuthRecipe>("auth.ts", {
    "next-auth": { default: nextAuth, __esModule: true },
    "next-auth/providers/github": { default: GitHub(keys), __esModule: true },
    "./headcount": { headcount },
  });
  const session = `${origin}/api/auth/session`;
  expect(await (await new CookieJar().send(handlers.GET, session)).json()).toBeNull();
  expect(await daily()).toBe(0);

  // Two people, one of whom has two browsers.
  for (const id of [1, 2, 1]) {
    provider.signsIn = id;
    const jar = new CookieJar();
    await signIn(jar, handlers);
    for (let look = 0; look < 3; look++) {
      const answer = await jar.send(handlers.GET, session);
      expect(await answer.json()).toMatchObject({ user: { name: `User ${id}` } });
    }
  }
  expect(await daily()).toBe(2);
  expect(proxy.beats).toHaveLength(2);
  expect(errors).toEqual([]);
});

test("Auth.js with a database counts its users with the day of sign-up, and shows the page no token", async () => {
  const { headcount, proxy, errors, daily } = await startCountedService();
  const createdAt = new Date(Date.now() - 40 * 86_400_000);
  const users = new Map(
    ["ada", "bob"].map((id) => [
      `token of ${id}`,
      { id, name: id, email: `${id}@example.com`, emailVerified: null, createdAt },
    ]),
  );
  const adapter = {
    async getSessionAndUser(sessionToken: string) {
      const user = users.get(sessionToken);
      const expires = new Date(Date.now() + 29 * 86_400_000);
      return user ? { user, session: { sessionToken, userId: user.id, expires } } : null;
    },
    updateSession: vi.fn<() => Promise<null>>(async () => null),
    ...Object.fromEntries(
      ["createUser", "getUser", "getUserByEmail", "getUserByAccount", "updateUser", "linkAccount"].map(
        (name) => [name, vi.fn()],
      ),
    ),
    createSession: vi.fn(),
    deleteSession: vi.fn(),
  };
  const { handlers } = await recipes.load<NextAuthRecipe>("auth-with-database.ts", {
    "next-auth": { default: nextAuth, __esModule: true },
    "next-auth/providers/github": {
      default: GitHub({ clientId: "id", clientSecret: "secret" }),
      __esModule: true,
    },
    "./adapter": { adapter },
    "./headcount": { headcount },
  });
  for (const token of [...users.keys(), "token of nobody"]) {
    const jar = new CookieJar({ "authjs.session-token": token });
    const answer = await jar.send(handlers.GET, `${origin}/api/auth/session`);
    const name = users.get(token)?.name;
    const text = await answer.text();
    expect(JSON.parse(text)).toEqual(
      name ? { user: { name, email: `${name}@example.com` }, expires: expect.any(String) } : null,
    );
    expect(text).not.toContain("token of");
  }
  expect(await daily()).toBe(2);
  expect(proxy.beats).toMatchObject([
    { user: "ada", since: createdAt.toISOString() },
    { user: "bob", since: createdAt.toISOString() },
  ]);
  expect(errors).toEqual([]);
});

/** What Clerk posts: after the example in its documentation, and the types of `@clerk/backend`. */
function clerkEvent(type: string, user: string, createdAt: number, more: object = {}): string {
  const data = {
    object: "session",
    id: `sess_of_${user}`,
    client_id: "client_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    user_id: user,
    status: "active",
    actor: null,
    last_active_at: createdAt,
    expire_at: createdAt + 7 * 86_400_000,
    abandon_at: createdAt + 30 * 86_400_000,
    created_at: createdAt,
    updated_at: createdAt,
    user: { object: "user", id: user, created_at: Date.UTC(2026, 9, 1, 12) },
    ...more,
  };
  return JSON.stringify({
    type,
    object: "event",
    timestamp: createdAt,
    instance_id: "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    data,
  });
}

/** A request that Clerk has signed, at a time and with a secret. */
function clerkRequest(body: string, { at = new Date(), secret = clerkSecret } = {}): Request {
  return new Request("https://app.test/api/webhooks/clerk", {
    method: "POST",
    body,
    headers: {
      "svix-id": "msg_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
      "svix-timestamp": `${Math.floor(at.getTime() / 1000)}`,
      "svix-signature": new Webhook(secret).sign("msg_2g7np7Hrk0SN6kj5EDMLDaKNL0S", at, body),
    },
  });
}

const clerkSecret = `whsec_${Buffer.from("a secret of the test, 32 bytes..").toString("base64")}`;

test("Clerk's webhook counts who signs in, when they did, once over all retries, and takes no stranger's word", async () => {
  const { headcount, proxy, service, daily } = await startCountedService();
  process.env["CLERK_WEBHOOK_SIGNING_SECRET"] = clerkSecret;
  onTestFinished(() => void delete process.env["CLERK_WEBHOOK_SIGNING_SECRET"]);
  const { POST } = await recipes.load<{ POST: Handle }>("app/api/webhooks/clerk/route.ts", {
    "@/lib/headcount": { headcount },
  });
  const now = Date.now();
  const signedIn = clerkEvent("session.created", "user_ada", now - 60_000);
  const foreign = `whsec_${Buffer.from("another secret of 32 bytes......").toString("base64")}`;
  const refused = [
    clerkRequest(signedIn, { secret: foreign }),
    clerkRequest(signedIn, { at: new Date(now - 3_600_000) }),
    new Request("https://app.test/", { method: "POST", body: signedIn }),
  ];
  for (const request of refused) expect((await POST(request)).status).toBe(400);
  const uncounted = [
    clerkEvent("user.created", "user_imported", now),
    clerkEvent("session.created", "user_victim", now, { actor: { sub: "user_boss" } }),
    clerkEvent("session.ended", "user_gone", now),
  ];
  for (const body of uncounted) expect((await POST(clerkRequest(body))).status).toBe(204);
  expect(await daily()).toBe(0);

  proxy.isDown = true;
  expect((await POST(clerkRequest(signedIn))).status).toBe(503);
  proxy.isDown = false;
  for (let retry = 0; retry < 2; retry++) expect((await POST(clerkRequest(signedIn))).status).toBe(204);
  expect(await daily()).toBe(1);
  expect(proxy.beats).toMatchObject([
    { user: "user_ada", at: now - 60_000, since: "2026-10-01T12:00:00.000Z" },
  ]);

  // One that comes two days late counts two days ago.
  await POST(clerkRequest(clerkEvent("session.created", "user_late", now - 2 * 86_400_000)));
  expect(await daily()).toBe(1);
  expect((await service.counts()).wau).toBe(2);
});

test("an app with Clerk counts whoever is there, but for staff who act as them", async () => {
  const { headcount, daily } = await startCountedService();
  let session: { userId: string | null; actor?: { sub: string } } = { userId: null };
  const { countUser } = await recipes.load<{ countUser: () => Promise<void> }>("lib/count-user.ts", {
    "@clerk/nextjs/server": { auth: async () => session },
    "@/lib/headcount": { headcount },
  });
  for (session of [{ userId: null }, { userId: "user_a", actor: { sub: "user_boss" } }]) await countUser();
  expect(await daily()).toBe(0);
  for (session of [{ userId: "user_a" }, { userId: "user_a" }, { userId: "user_b" }]) await countUser();
  expect(await daily()).toBe(2);
});
