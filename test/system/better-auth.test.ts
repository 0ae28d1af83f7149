import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { getMigrations } from "better-auth/db/migration";
import { betterAuth } from "better-auth";
import { admin, anonymous } from "better-auth/plugins";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { headcountPlugin, linkAnonymous } from "../../sdk/better-auth/index.ts";
import { createHeadcount, type HeadcountError, type HeadcountServer } from "../../sdk/server/index.ts";
import { startHeadcount, type TestHeadcount } from "../../sdk/testing/index.ts";

/** What the apps under test have in common. */
interface Auth {
  handler: (request: Request) => Promise<Response>;
}

const origin = "http://127.0.0.1:3000";
const password = "a long enough password";

let service: TestHeadcount;
let example: typeof import("../../examples/better-auth/auth.ts");

beforeAll(async () => {
  // Early, so that the tests' steps of 25 hours stay within the day.
  service = await startHeadcount({ now: Date.UTC(2026, 0, 5, 6) });
  process.env["HEADCOUNT_ENDPOINT"] = service.url;
  process.env["HEADCOUNT_SECRET_KEY"] = service.keys.secret;
  process.env["BETTER_AUTH_SECRET"] = "a secret of the test, 32 characters or more";
  example = await import("../../examples/better-auth/auth.ts");
  await (await getMigrations(example.auth.options)).runMigrations();
});
afterAll(async () => {
  await example?.headcount.close();
  await service?.stop();
});

beforeEach(() => void vi.setSystemTime(service.now()));
afterEach(() => void vi.useRealTimers());

type App = Awaited<ReturnType<typeof startApp>>["auth"];

/** A browser as far as it matters: it keeps its cookies. */
class Browser {
  readonly #auth: Auth;
  readonly #cookies = new Map<string, string>();

  constructor(auth: Auth = example.auth) {
    this.#auth = auth;
  }

  async post(path: string, body: object = {}): Promise<{ status: number; answer: Answer }> {
    return this.#send(path, { method: "POST", body: JSON.stringify(body) });
  }

  async get(path: string): Promise<{ status: number; answer: Answer }> {
    return this.#send(path, { method: "GET" });
  }

  get headers(): Headers {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return new Headers({ cookie, origin, "content-type": "application/json" });
  }

  async #send(path: string, init: RequestInit): Promise<{ status: number; answer: Answer }> {
    const request = new Request(`${origin}/api/auth${path}`, { ...init, headers: this.headers });
    const response = await this.#auth.handler(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return { status: response.status, answer: (await response.json()) as Answer };
  }
}

interface Answer {
  token?: string;
  user?: { id: string };
}

function signUp(browser: Browser, name: string) {
  return browser.post("/sign-up/email", { name, email: `${name}@example.com`, password });
}

async function daily(headcount: HeadcountServer): Promise<number> {
  expect(await headcount.flush()).toBe(true);
  return (await service.counts()).dau;
}

test("the example: whoever signs up is one person, whether anonymous before or gone since", async () => {
  const { headcount } = example;
  const people = new Set<string>();
  expect(await daily(headcount)).toBe(0);

  const ada = new Browser();
  const { answer: signedUp } = await signUp(ada, "ada");
  people.add(signedUp.user?.id ?? "");
  expect(await daily(headcount)).toBe(people.size);

  // Wrong passwords, and requests of nobody.
  const stranger = new Browser();
  expect(
    (await stranger.post("/sign-in/email", { email: "ada@example.com", password: "wrong one" })).status,
  ).toBe(401);
  expect((await stranger.get("/get-session")).answer).toBeNull();
  expect(await daily(headcount)).toBe(people.size);

  const bob = new Browser();
  const { answer: nameless } = await bob.post("/sign-in/anonymous");
  people.add(nameless.user?.id ?? "");
  expect(await daily(headcount)).toBe(people.size);
  const { answer: linked } = await signUp(bob, "bob");
  people.delete(nameless.user?.id ?? "");
  people.add(linked.user?.id ?? "");
  expect(people.size).toBe(2);
  await expect.poll(() => daily(headcount)).toBe(people.size);

  // Deleted people were active.
  expect((await bob.post("/delete-user", { password })).status).toBe(200);
  expect((await bob.get("/get-session")).answer).toBeNull();
  expect(await daily(headcount)).toBe(people.size);
});

test("the example's server counts whoever signs up, and says how many there are", async () => {
  // By the computer's clock, which the other process has.
  vi.useRealTimers();
  const today = await startHeadcount();
  onTestFinished(() => today.stop());
  const port = await freePort();
  const child = spawn(process.execPath, ["examples/better-auth/node-server.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: {
      ...process.env,
      HEADCOUNT_ENDPOINT: today.url,
      HEADCOUNT_SECRET_KEY: today.keys.secret,
      PORT: `${port}`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  await Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(new Error("it ended")))]);
  const url = `http://127.0.0.1:${port}`;
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ name: "ivy", email: "ivy@example.com", password }),
  });
  expect(response.status).toBe(200);
  const people = async () => {
    const windows = (await (await fetch(`${url}/people`)).json()) as { count: number }[];
    return windows[0]?.count;
  };
  expect(await people()).toBe(1);
});

/** A port of the loopback that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** An app of its own, with a database of its own. */
async function startApp(
  options: {
    excludeDeleted?: boolean;
    disableSessionRefresh?: boolean;
    cookieCache?: boolean;
    url?: string;
  } = {},
) {
  const { excludeDeleted, disableSessionRefresh = false, cookieCache = false, url = service.url } = options;
  const errors: HeadcountError[] = [];
  const headcount = createHeadcount({
    endpoint: url,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
  });
  const logged: string[] = [];
  const auth = betterAuth({
    baseURL: origin,
    secret: "a secret of the test, 32 characters or more",
    database: new DatabaseSync(":memory:"),
    emailAndPassword: { enabled: true },
    session: { disableSessionRefresh, cookieCache: { enabled: cookieCache } },
    user: { deleteUser: { enabled: true } },
    logger: { log: (_level, message) => logged.push(message) },
    plugins: [
      admin({ adminUserIds: [] }),
      anonymous({ onLinkAccount: linkAnonymous(headcount) }),
      headcountPlugin(headcount, { excludeDeleted }),
    ],
  });
  await (await getMigrations(auth.options)).runMigrations();
  onTestFinished(async () => void (await headcount.close({ timeoutMs: 1 })));
  return { auth, headcount, errors, logged };
}

/** 25 hours: nobody of before is in the last 24 hours. The app's clock goes along. */
async function nextDay(): Promise<void> {
  await service.advance(25 * 3_600_000);
  vi.setSystemTime(service.now());
}

test.each([
  ["refreshed", {}, (browser: Browser) => browser.get("/get-session")],
  ["read", { disableSessionRefresh: true }, (browser: Browser) => browser.get("/get-session")],
  [
    "read out of the cookie's cache",
    { cookieCache: true },
    async (browser: Browser) => {
      await browser.get("/get-session");
      return browser.get("/get-session");
    },
  ],
  [
    "used by another endpoint",
    { disableSessionRefresh: true },
    (browser: Browser) => browser.get("/list-sessions"),
  ],
  [
    "read by the app's server",
    { disableSessionRefresh: true },
    (browser: Browser, auth: App) => auth.api.getSession({ headers: browser.headers }),
  ],
] as const)(
  "whoever comes back a day later is active when the session is %s",
  async (_how, options, comeBack) => {
    const { auth, headcount, errors } = await startApp(options);
    const browser = new Browser(auth);
    await signUp(browser, "cleo");
    // What is on its way when the clock is moved would count tomorrow.
    expect(await headcount.flush()).toBe(true);
    await nextDay();
    expect(await daily(headcount)).toBe(0);
    await comeBack(browser, auth);
    expect(await daily(headcount)).toBe(1);
    expect(errors).toEqual([]);
  },
);

test("the day of sign-up goes along: somebody who comes back another day is not new then", async () => {
  const { auth, headcount } = await startApp();
  const browser = new Browser(auth);
  // The service first hears of this one two days later.
  const context = await auth.$context;
  await context.internalAdapter.createUser(
    { email: "old@example.com", name: "old", emailVerified: true },
    { method: "admin" },
  );
  await nextDay();
  await nextDay();
  await signUp(browser, "young");
  const old = await context.internalAdapter.findUserByEmail("old@example.com");
  expect(old).not.toBeNull();
  await context.internalAdapter.linkAccount({
    userId: old?.user.id ?? "",
    providerId: "credential",
    accountId: old?.user.id ?? "",
    password: await context.password.hash(password),
  });
  await new Browser(auth).post("/sign-in/email", { email: "old@example.com", password });
  expect(await daily(headcount)).toBe(2);
  const today = new Date(service.now()).toISOString().slice(0, 10);
  const { points } = await headcount.query.timeseries({ metric: "new", from: today });
  expect(points.map(({ count }) => count)).toEqual([1]);
});

test("an admin who acts as somebody else is not them", async () => {
  const { auth, headcount } = await startApp();
  await nextDay();
  const browser = new Browser(auth);
  const { answer } = await signUp(browser, "boss");
  const context = await auth.$context;
  await context.internalAdapter.updateUser(answer.user?.id ?? "", { role: "admin" });
  const victim = await context.internalAdapter.createUser(
    {
      email: "dan@example.com",
      name: "dan",
      emailVerified: true,
    },
    { method: "admin" },
  );
  const { status } = await browser.post("/admin/impersonate-user", { userId: victim.id });
  expect(status).toBe(200);
  expect((await browser.get("/get-session")).answer.user?.id).toBe(victim.id);
  expect(await daily(headcount)).toBe(1);
});

test("who deletes the account leaves the past where the app wants that; the one they were before doesn't", async () => {
  const { auth, headcount, logged } = await startApp({ excludeDeleted: true });
  await nextDay();
  const [eve, finn] = [new Browser(auth), new Browser(auth)];
  await signUp(eve, "eve");
  await finn.post("/sign-in/anonymous");
  await signUp(finn, "finn");
  await expect.poll(() => daily(headcount)).toBe(2);
  expect((await eve.post("/delete-user", { password })).status).toBe(200);
  await expect.poll(() => daily(headcount)).toBe(1);
  expect(logged).toEqual([]);
});

test("without the service everybody signs in all the same, and no id is logged", async () => {
  const { auth, errors, logged, headcount } = await startApp({
    url: "http://127.0.0.1:1",
    excludeDeleted: true,
  });
  const browser = new Browser(auth);
  const { answer: before } = await browser.post("/sign-in/anonymous");
  const { status, answer } = await signUp(browser, "gil");
  expect(status).toBe(200);
  expect((await browser.post("/delete-user", { password })).status).toBe(200);
  await headcount.flush({ timeoutMs: 1 });
  await expect.poll(() => logged.length).toBe(2);
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  const said = [...logged, ...errors.map(({ message }) => message)].join("\n");
  expect(logged).toEqual([
    expect.stringContaining("Headcount: linking: "),
    expect.stringContaining("Headcount: excluding: "),
  ]);
  for (const id of [before.user?.id, answer.user?.id]) expect(said).not.toContain(id);
});
