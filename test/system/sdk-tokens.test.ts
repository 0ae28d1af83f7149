import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { afterEach, expect, test } from "vitest";
import { init, type TokenOptions } from "../../sdk/tokens.ts";
import type { HeartbeatRequest } from "../../sdk/wire.ts";
import { FakePage, FakeStorage } from "../support/fake-client.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

afterEach(cleanUp);

const secret = "a shared secret of at least 32 bytes, for tests";

const identityOf = (sub: string) =>
  new SignJWT({ sub })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(secret));

/** A tab of a browser, on a page of an app that asks its backend who is signed in. */
class Tab {
  readonly page = new FakePage();
  readonly sent: { path: string; body: HeartbeatRequest; status: number }[] = [];
  readonly problems: (Error | Response)[] = [];
  readonly headcount;

  constructor(server: TestServer, storage: FakeStorage, options: Partial<TokenOptions> = {}) {
    this.headcount = init({
      endpoint: server.url,
      // An instance of its own each: tabs share storage, not memory.
      key: server.keys.public,
      storage,
      lifecycle: this.page,
      onError: (problem) => this.problems.push(problem),
      fetch: async (url, request) => {
        const response = await fetch(url, request);
        const body = JSON.parse(request?.body as string) as HeartbeatRequest;
        this.sent.push({ path: new URL(url as string).pathname, body, status: response.status });
        return response;
      },
      ...options,
    });
  }

  /** Resolves once so many requests have been answered, and what follows from the last has happened. */
  async answers(times: number): Promise<void> {
    while (this.sent.length < times) await sleep(5);
    await sleep(20);
  }

  paths(): string[] {
    return this.sent.map(({ path, status }) => `${path} ${status}`);
  }
}

async function put(server: TestServer, settings: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${server.keys.secret}` };
  const request = { method: "PUT", headers, body: JSON.stringify(settings) };
  expect((await fetch(`${server.url}/v1/settings`, request)).status).toBe(200);
}

async function count(server: TestServer, filter = ""): Promise<number> {
  const headers = { authorization: `Bearer ${server.keys.read}` };
  const answer = await fetch(`${server.url}/v1/active?window=24h&fresh=1${filter}`, { headers });
  return ((await answer.json()) as { windows: { count: number }[] }).windows[0]?.count ?? 0;
}

test("a signed-in user is exchanged for a token once, and counted as verified in every tab", async () => {
  await stayWithinSlot();
  const server = await startServer();
  await put(server, { jwt: { secret }, identity: "signed", dimensions: ["verified"] });
  const storage = new FakeStorage();
  let asked = 0;
  const getIdentity = () => {
    asked++;
    return identityOf("u-42");
  };
  const first = new Tab(server, storage, { getIdentity });
  first.headcount.identify("u-42");
  await first.answers(2);
  expect(first.paths()).toEqual(["/v1/token 200", "/v1/heartbeat 200"]);
  expect(first.sent[1]?.body).toMatchObject({ token: expect.stringMatching(/^hc_tok_demo_/) });
  expect(first.sent[1]?.body).not.toHaveProperty("key");
  expect(await count(server, "&verified=true")).toBe(1);
  first.headcount.shutdown();

  // What another tab finds in the storage is enough; the next slot has not come, so it is asked to beat.
  storage.setItem(server.keys.public, "{}");
  const second = new Tab(server, storage, { getIdentity });
  second.headcount.identify("u-42");
  await second.answers(1);
  expect(second.paths()).toEqual(["/v1/heartbeat 200"]);
  expect([asked, await count(server)]).toEqual([1, 1]);
  expect(storage.text).not.toContain("u-42");
  second.headcount.shutdown();
});

test("a token is followed by the next, given up when it was stolen, and revoked on signing out", async () => {
  await stayWithinSlot();
  const server = await startServer();
  await put(server, { jwt: { secret }, identity: "signed", tokenMinTtl: 0 });
  const storage = new FakeStorage();
  const tab = new Tab(server, storage, { getIdentity: () => identityOf("u-42") });
  const kept = () =>
    (JSON.parse(storage.getItem(`${server.keys.public}:token`) ?? "{}") as { token?: string }).token;
  const beat = async () => {
    storage.setItem(server.keys.public, "{}");
    const before = tab.sent.length;
    tab.headcount.heartbeat();
    await tab.answers(before + 1);
  };
  tab.headcount.identify("u-42");
  await tab.answers(2);
  const stolen = kept();
  await beat();
  const current = kept();
  expect(current).not.toBe(stolen);
  await beat();

  // A thief comes with the first: all are void, and the SDK exchanges anew by itself.
  const body = JSON.stringify({ token: stolen, beats: [{}] });
  expect((await fetch(`${server.url}/v1/heartbeat`, { method: "POST", body })).status).toBe(401);
  const sentBefore = tab.sent.length;
  await beat();
  await tab.answers(sentBefore + 3);
  expect(tab.paths().slice(sentBefore)).toEqual(["/v1/heartbeat 401", "/v1/token 200", "/v1/heartbeat 200"]);
  expect(tab.problems).toEqual([]);

  const last = kept();
  tab.headcount.reset();
  await tab.answers(sentBefore + 4);
  expect(kept()).toBeUndefined();
  const after = await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ token: last, beats: [{}] }),
  });
  expect(after.status).toBe(401);
  tab.headcount.shutdown();
});

test("a backend that vouches for nobody is told to the app, and nobody is counted", async () => {
  await stayWithinSlot();
  const server = await startServer();
  await put(server, { jwt: { secret }, identity: "signed" });
  for (const getIdentity of [() => "not a JWT", () => Promise.reject(new Error("signed out"))]) {
    const tab = new Tab(server, new FakeStorage(), { getIdentity });
    tab.headcount.identify("u-42");
    while (tab.problems.length === 0) await sleep(10);
    expect(tab.paths().filter((path) => path.startsWith("/v1/heartbeat"))).toEqual([]);
    tab.headcount.shutdown();
  }
  expect(await count(server)).toBe(0);
});
