import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { HeartbeatResponse, TokenResponse } from "../../sdk/wire.ts";
import { AppClient, people, problem } from "./client.ts";
import { eager, rotated, typeOf } from "./eager-tokens.ts";

const daySeconds = 86_400;

test("a token lives 21 days, and says when it is rotated", async () => {
  const app = new AppClient("terms");
  const before = Date.now();
  const { token, expires, rotate } = await (
    await app.exchange({ client: "c", user: "a" })
  ).json<TokenResponse>();
  expect(token).toMatch(/^hc_tok_terms_[A-Za-z0-9_-]{104}$/);
  expect(expires - rotate).toBe(20 * daySeconds * 1000);
  expect(Math.abs(expires - before - 21 * daySeconds * 1000)).toBeLessThan(60_000);
});

test("whoever comes with a token is the same person as with the key", async () => {
  const app = new AppClient("same");
  await app.beat({ user: "a" }, { anonymous: "i" });
  for (const who of [{ user: "a" }, { anonymous: "i" }, { user: "b" }]) {
    const token = await app.token({ client: "c", ...who });
    for (const beat of [{}, who]) {
      const answer = await (await app.report(token, { beats: [beat] })).json<HeartbeatResponse>();
      expect(answer).toEqual({ accepted: 1, rejected: [], interval: 300 });
    }
  }
  expect(await app.count("window=24h")).toBe(3);
});

test("a token reports its own user alone", async () => {
  const app = new AppClient("own");
  const token = await app.token({ client: "c", user: "a" });
  const answer = await (
    await app.report(token, { beats: [{ user: "b" }, { anonymous: "a" }, { user: "a" }] })
  ).json<HeartbeatResponse>();
  expect(answer.accepted).toBe(1);
  expect(answer.rejected.map(({ index }) => index)).toEqual([0, 1]);
  expect(answer.rejected[0]?.error).toContain("the user of the token");
  expect(await app.count("window=24h")).toBe(1);
});

test("nothing of a user can be read from a token, and no two are alike", async () => {
  const app = new AppClient("sealed");
  const tokens = await Promise.all(Array.from({ length: 20 }, () => app.token({ client: "c", user: "a" })));
  expect(new Set(tokens).size).toBe(20);
  // Sealed bytes of the same claims share none of their blocks.
  const blocks = tokens.flatMap((token) => {
    const bytes = Uint8Array.from(atob(token.slice(-104).replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    return [bytes.subarray(12, 28).join(), bytes.subarray(28, 44).join()];
  });
  expect(new Set(blocks).size).toBe(40);
});

test("a rotated token stays good until the new one is used, and is then void; used again it is theft", async () => {
  const app = await eager("theft");
  const first = await app.token({ client: "c", user: "a" });
  const lost = await rotated(app, first);
  const second = await rotated(app, first);
  expect(await typeOf(app.report(lost))).toEqual([401, "token-revoked"]);
  const third = await rotated(app, second);
  expect(await typeOf(app.report(first))).toEqual([401, "token-reused"]);
  for (const token of [second, third, first]) {
    expect(await typeOf(app.report(token))).toEqual([401, "token-reused"]);
  }
  const fresh = await app.token({ client: "c", user: "a" });
  expect((await app.report(fresh)).status).toBe(200);
});

test("theft on one client leaves the user's others alone", async () => {
  const app = await eager("devices");
  const phone = await app.token({ client: "phone", user: "a" });
  const laptop = await app.token({ client: "laptop", user: "a" });
  await rotated(app, await rotated(app, phone));
  expect(await typeOf(app.report(phone))).toEqual([401, "token-reused"]);
  expect((await app.report(laptop)).status).toBe(200);
});

test("what comes with a token that isn't good is not counted", async () => {
  const app = await eager("uncounted");
  const token = await app.token({ client: "c", user: "thief" });
  const headers = { authorization: `Bearer ${token}` };
  const gone = await app.fetch("/v1/token", { method: "DELETE", headers });
  expect(await gone.json()).toEqual({ revoked: true });
  await app.beat({ user: "owner" });
  expect(await typeOf(app.report(token))).toEqual([401, "token-revoked"]);
  expect(await app.count("window=24h")).toBe(1);
});

test("a void token is noticed also where the beat itself is known already", async () => {
  const app = await eager("known");
  const first = await app.token({ client: "c", user: "a" });
  const second = await rotated(app, first);
  await rotated(app, second);
  expect(await typeOf(app.report(first))).toEqual([401, "token-reused"]);
});

test("a logout with the new token kills the current one too, and the beats beside it count", async () => {
  for (const door of ["delete", "invalidate"] as const) {
    const app = await eager(`logout-${door}`);
    const current = await app.token({ client: "c", user: "a" });
    await rotated(app, current);
    const next = await rotated(app, current);
    if (door === "delete") {
      await app.fetch("/v1/token", { method: "DELETE", headers: { authorization: `Bearer ${next}` } });
    } else {
      const answer = await (await app.report(next, { invalidate: true })).json<HeartbeatResponse>();
      expect(answer).toEqual({ accepted: 1, rejected: [], interval: 300 });
    }
    for (const token of [current, next]) {
      expect(await typeOf(app.report(token))).toEqual([401, "token-revoked"]);
    }
    expect(await app.count("window=24h")).toBe(1);
  }
});

test("the app's server revokes all of a user's tokens, also those from before the shards were doubled", async () => {
  const app = new AppClient("password");
  const users = people(12);
  const before = await Promise.all(users.map((user) => app.token({ client: "old", user })));
  await app.set({ shards: 4 });
  const after = await Promise.all(users.map((user) => app.token({ client: "new", user })));
  for (const token of [...before, ...after]) expect((await app.report(token)).status).toBe(200);
  expect(await app.count("window=24h")).toBe(users.length);

  const revoke = { method: "DELETE", body: JSON.stringify({ user: users[0] }) };
  expect(await typeOf(app.fetch("/v1/token", revoke, "pub"))).toEqual([403, "wrong-role"]);
  for (const user of users.slice(0, 6)) {
    const response = await app.fetch("/v1/token", { method: "DELETE", body: JSON.stringify({ user }) });
    expect(response.status).toBe(200);
  }
  for (const tokens of [before, after]) {
    const statuses = await Promise.all(tokens.map(async (token) => (await app.report(token)).status));
    expect(statuses).toEqual(users.map((_, index) => (index < 6 ? 401 : 200)));
  }
});

test("a new exchange voids what the client holds from before the shards were doubled, and nobody else's", async () => {
  const app = new AppClient("exchange-after-doubling");
  // A grace of a tenth of that.
  await app.set({ tokenMinTtl: 1 });
  const users = people(6);
  // Where somebody vouches for the user; see below.
  const key = await app.key("secret");
  const issue = (client: string) => Promise.all(users.map((user) => app.token({ key, client, user })));
  const statuses = (tokens: string[]) =>
    Promise.all(tokens.map(async (token) => (await app.report(token)).status));
  const [mine, others] = [await issue("mine"), await issue("other")];
  expect(await statuses([...mine, ...others])).toEqual([...mine, ...others].map(() => 200));
  await app.set({ shards: 8 });
  expect(await statuses(await issue("mine"))).toEqual(users.map(() => 200));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await statuses(mine)).toEqual(users.map(() => 401));
  expect(await statuses(others)).toEqual(users.map(() => 200));
});

test("a token ends when its time is over, and the setting can only shorten that of those that are out", async () => {
  const app = new AppClient("expiry");
  const { token } = await (await app.exchange({ client: "c", user: "a" })).json<TokenResponse>();
  await app.set({ tokenTtl: 1, tokenMinTtl: 0 });
  await new Promise((resolve) => setTimeout(resolve, 1005));
  expect(await typeOf(app.report(token))).toEqual([401, "token-expired"]);
  const short = await app.token({ client: "d", user: "a" });
  await app.set({ tokenTtl: 100, tokenMinTtl: 0 });
  await new Promise((resolve) => setTimeout(resolve, 1005));
  expect(await typeOf(app.report(short))).toEqual([401, "token-expired"]);
});

test("tokens outlive the eviction of their shard, and its storage holds none of them", async () => {
  const app = await eager("evicted");
  const first = await app.token({ client: "client-7", user: "user-7" });
  const second = await rotated(app, await rotated(app, first));
  await evictDurableObject(await app.shard());
  expect(await typeOf(app.report(first))).toEqual([401, "token-reused"]);
  const rows = await runInDurableObject(await app.shard(), (_, { storage }) =>
    storage.sql.exec("SELECT * FROM token").toArray(),
  );
  expect(rows.length).toBe(1);
  const stored = JSON.stringify(rows, (_, value: unknown) =>
    value instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(value)) : value,
  );
  for (const secret of [first.slice(-104), second.slice(-104), "user-7", "client-7"]) {
    expect(stored).not.toContain(secret);
  }
});

test("the row of a client is gone once its last token has expired, by an alarm that asks for nothing else", async () => {
  const app = new AppClient("forgotten");
  const shard = await app.shard();
  const rows = () =>
    runInDurableObject(shard, (_, { storage }) => storage.sql.exec("SELECT id FROM token").toArray().length);
  await app.set({ tokenTtl: 1, tokenMinTtl: 0 });
  await app.token({ client: "short", user: "a" });
  await app.set({ tokenTtl: 3600 });
  await app.token({ client: "long", user: "a" });
  expect(await rows()).toBe(2);
  // The first alarm comes once a second has passed since.
  await expect.poll(rows).toBe(1);
  // Another is set for as long as anything is left.
  const alarm = () => runInDurableObject(shard, (_, { storage }) => storage.getAlarm());
  await expect.poll(alarm).toBeGreaterThan(Date.now());
});

test("an installation that signs in brings its past along through the token", async () => {
  const app = new AppClient("token-link");
  await app.beat({ anonymous: "i-1" });
  const token = await app.token({ client: "i-1", user: "a" });
  const today = new Date().toISOString().slice(0, 10);
  expect((await app.report(token, { link: { anonymous: "i-1", days: [today] } })).status).toBe(200);
  expect(await app.count("window=24h")).toBe(1);
  const anonymous = await app.token({ client: "i-2", anonymous: "i-2" });
  expect(await typeOf(app.report(anonymous, { link: { anonymous: "i-3" } }))).toEqual([
    400,
    "malformed-body",
  ]);
});

test("`since` may travel in the token", async () => {
  const app = new AppClient("token-since");
  const today = new Date().toISOString().slice(0, 10);
  await app.report(await app.token({ client: "c", user: "a", since: today }));
  const { points } = await (
    await app.fetch("/v1/timeseries?metric=new&fresh=1")
  ).json<{ points: { date: string; count: number }[] }>();
  expect(points.at(-1)?.count).toBe(1);
});

test("settings of tokens that make no sense are refused in words", async () => {
  const app = new AppClient("token-settings");
  for (const [change, word] of [
    [{ tokenTtl: 100, tokenMinTtl: 100 }, "tokenMinTtl"],
    [{ tokenMinTtl: 21 * daySeconds }, "tokenMinTtl"],
    [{ tokenTtl: daySeconds }, "tokenMinTtl"],
    [{ tokenTtl: 0 }, "tokenTtl"],
    [{ tokenTtl: 1.5 }, "tokenTtl"],
    [{ tokenMinTtl: -1 }, "tokenMinTtl"],
    [{ identity: "closed" }, "identity"],
    [{ identity: "signed" }, "jwt"],
    [{ jwt: { secret: "too short" } }, "jwt"],
    [{ jwt: { jwks: "http://app.example/jwks.json" } }, "jwt"],
    [{ jwt: { jwks: "https://app.example/jwks.json", algorithms: ["HS256"] } }, "jwt"],
    [{ jwt: { secret: "x".repeat(32), algorithms: ["none"] } }, "jwt"],
    [{ jwt: { secret: "(hidden)" } }, "jwt"],
  ] as const) {
    const body = JSON.stringify(change);
    const { status, type, detail } = await problem(app.fetch("/v1/settings", { method: "PUT", body }));
    expect([body, status, type]).toEqual([body, 422, "invalid-settings"]);
    expect(detail).toContain(word);
  }
  expect(await app.set({})).toMatchObject({ tokenTtl: 21 * daySeconds, tokenMinTtl: daySeconds, jwt: null });
});

test("an exchange that can't be read is 400 and says what would be right", async () => {
  const app = new AppClient("exchange");
  for (const body of [
    {},
    { client: "c" },
    { client: "", user: "a" },
    { client: "c".repeat(257), user: "a" },
    { client: "c", user: "a", anonymous: "b" },
    { client: "c", user: "\ud800" },
    { client: "c", user: "a", since: "yesterday" },
    { client: "c", identity: "x".repeat(8193) },
  ]) {
    const { status, type, detail } = await problem(app.exchange(body));
    expect([JSON.stringify(body).slice(0, 60), status, type]).toEqual([
      JSON.stringify(body).slice(0, 60),
      400,
      "malformed-body",
    ]);
    expect(detail).toContain("expected");
  }
  const key = await app.key("read");
  expect(await typeOf(app.exchange({ key, client: "c", user: "a" }))).toEqual([403, "wrong-role"]);
  const both = { method: "POST", body: JSON.stringify({ key, token: "x", beats: [] }) };
  expect(await typeOf(exports.default.fetch("https://headcount.test/v1/heartbeat", both))).toEqual([
    400,
    "malformed-body",
  ]);
});
