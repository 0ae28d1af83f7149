import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { closeCodes } from "../../sdk/wire.ts";
import { isolateOf } from "../../worker/app/isolate.ts";
import { requestFacts } from "../../worker/http/request-facts.ts";
import { fetchRoute } from "../../worker/routes.ts";
import { maxWaitingSockets, rates } from "../../worker/limits.ts";
import { limitRate } from "../../worker/app/limit-rate.ts";
import { AppClient, problem } from "./client.ts";
import { age, evict, judged, useEmptyGate, wakeGate } from "./gate.ts";
import { LiveSocket, upgrade } from "./socket.ts";

useEmptyGate();

test("what can't be understood closes the socket with 4400 and says what would be right", async () => {
  const app = new AppClient("bad");
  const key = await app.key("pub");
  const id = "very-secret-person@example.com";
  const messages = [
    "",
    "{",
    "null",
    "[]",
    `{"user":"${id}"`,
    JSON.stringify({ key, beats: [] }),
    JSON.stringify({ key, beats: [{ user: id }, { user: id }] }),
    JSON.stringify({ key, beats: [id] }),
    JSON.stringify({ key, beats: [{ user: [id] }] }),
    JSON.stringify({ key, beats: [{ user: id, anonymous: id }] }),
    JSON.stringify({ key, beats: [{ user: id }], link: id }),
    JSON.stringify({ key, beats: [{ user: id, dimensions: { a: "x".repeat(70_000) } }] }),
    new TextEncoder().encode("ping").buffer as ArrayBuffer,
  ];
  for (const message of messages) {
    const socket = await LiveSocket.open();
    socket.send(message);
    const { code, reason } = await socket.closed();
    expect([message, code]).toEqual([message, closeCodes.badMessage]);
    expect(reason).toContain("expected");
    expect(reason).not.toContain(id);
  }
  expect(await app.count("window=24h")).toBeNull();
});

test("another message than a ping, after the first, closes the socket with 4400", async () => {
  const app = new AppClient("chatty");
  const key = await app.key("pub");
  for (const message of ["ping ", JSON.stringify({ key, beats: [{ user: "b" }] })]) {
    const socket = await LiveSocket.of(app, { user: "a" });
    await judged(1);
    socket.send(message);
    expect((await socket.closed()).code).toBe(closeCodes.badMessage);
    await judged(0);
  }
  expect(await app.count("window=24h")).toBe(1);
});

test("sockets that say nothing are few from one address, and make room when they speak or go", async () => {
  const app = new AppClient("silent");
  const from = (address: string) => LiveSocket.open({ "cf-connecting-ip": address });
  const silent: LiveSocket[] = [];
  for (let socket = 0; socket < maxWaitingSockets.perAddress; socket++)
    silent.push(await from("203.0.113.5"));
  expect((await (await from("203.0.113.5")).closed()).code).toBe(closeCodes.tryAgain);
  // Others come in meanwhile, and so does whoever has said who they are.
  const other = await from("203.0.113.6");
  const body = JSON.stringify({ key: await app.key("pub"), beats: [{ user: "a" }] });
  other.send(body);
  silent[0]?.send(body);
  await judged(2);
  const next = await from("203.0.113.5");
  next.send(body);
  await judged(3);
});

test("a first message is of now, whatever it says", async () => {
  const app = new AppClient("clockless");
  const dayMs = 86_400_000;
  await LiveSocket.of(app, { user: "a", at: Date.now() - 3 * dayMs });
  await LiveSocket.of(app, { user: "b", at: Date.now() + 3 * dayMs });
  await judged(2);
  expect(await app.count("window=5m")).toBe(2);
  expect(await app.count(`from=${Date.now() - 4 * dayMs}&to=${Date.now() - 2 * dayMs}`)).toBeNull();
});

test("a second message while the first is judged closes the socket with 4400", async () => {
  const socket = await LiveSocket.of(new AppClient("hasty"), { user: "a" });
  socket.send("{}");
  expect((await socket.closed()).code).toBe(closeCodes.badMessage);
});

test("a crawler's socket is closed and counts nobody", async () => {
  const app = new AppClient("crawler");
  const agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  const socket = await LiveSocket.open({ "user-agent": agent });
  socket.send(JSON.stringify({ key: await app.key("pub"), beats: [{ user: "a" }] }));
  expect((await socket.closed()).code).toBe(closeCodes.badMessage);
  expect(await app.count("window=24h")).toBeNull();
});

test("a first message loses nobody for what it can't read, and its clock may be wrong", async () => {
  const app = new AppClient("lenient-socket");
  const dayMs = 86_400_000;
  const clock = Date.now() + 400 * dayMs;
  const beat = { user: "a", at: clock, since: clock - dayMs, via: "telepathy", dimensions: { plan: null } };
  await LiveSocket.of(app, beat, { now: clock, colour: "red" });
  await judged(1);
  expect(await app.count("window=5m")).toBe(1);
  await app.beat({ user: "b", at: Date.now() - dayMs, since: Date.now() - 2 * dayMs });
  const response = await app.fetch("/v1/retention?fresh=1&interval=day&cohorts=2&periods=2");
  const { cohorts } = await response.json<{ cohorts: { size: { count: number } }[] }>();
  expect(cohorts.map(({ size }) => size.count)).toEqual([1, 0]);
});

test("a crawler's socket counts where the app asks for it", async () => {
  const app = new AppClient("wanted-crawler");
  const agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  const socket = await LiveSocket.open({ "user-agent": agent });
  const body = { key: await app.key("pub"), beats: [{ user: "a" }], includeBots: true };
  socket.send(JSON.stringify(body));
  await judged(1);
  expect(await app.count("window=24h")).toBe(1);
});

test("no key, a foreign one, a key that only asks or a page of another origin closes the socket with 4401", async () => {
  const app = new AppClient("credentials");
  await app.set({ origins: ["https://app.example.com"] });
  const good = await app.key("pub");
  const cases: [key: string | undefined, origin: string, code: number | null][] = [
    [undefined, "https://app.example.com", closeCodes.credentials],
    [good.replace("_credentials_", "_other_"), "https://app.example.com", closeCodes.credentials],
    [await app.key("read"), "https://app.example.com", closeCodes.credentials],
    [await app.key("share"), "https://app.example.com", closeCodes.credentials],
    [good, "https://elsewhere.example", closeCodes.credentials],
    [good, "https://app.example.com", null],
  ];
  for (const [key, origin, code] of cases) {
    const socket = await LiveSocket.open({ origin });
    // Also after the gate has slept meanwhile.
    await evict();
    socket.send(JSON.stringify({ key, beats: [{ user: "a" }] }));
    if (code === null) await judged(1);
    else expect((await socket.closed()).code).toBe(code);
  }
});

test("a token that isn't good closes the socket with 4401, one that is counts whom it stands for", async () => {
  const app = new AppClient("tokens");
  const token = await app.token({ client: "c", user: "a" });
  const socket = await LiveSocket.open();
  socket.send(JSON.stringify({ token, beats: [{}] }));
  await judged(1);
  expect(await app.count("window=24h")).toBe(1);
  for (const body of [
    { token: `${token.slice(0, -4)}AAAA`, beats: [{}] },
    { token, key: await app.key("pub"), beats: [{}] },
    { token, beats: [{ user: "b" }] },
  ]) {
    const bad = await LiveSocket.open();
    bad.send(JSON.stringify(body));
    const { code } = await bad.closed();
    expect(code).toBe(
      "key" in body || "user" in body.beats[0]! ? closeCodes.badMessage : closeCodes.credentials,
    );
  }
  await app.report(token, { invalidate: true });
  const late = await LiveSocket.open();
  late.send(JSON.stringify({ token, beats: [{}] }));
  expect(await late.closed()).toMatchObject({
    code: closeCodes.credentials,
    reason: expect.stringMatching(/^token-revoked: /),
  });
  expect(await app.count("window=24h")).toBe(1);
});

test("a token that it is time to rotate is answered with the next one", async () => {
  const app = new AppClient("rotation");
  await app.set({ tokenMinTtl: 0 });
  const token = await app.token({ client: "c", user: "a" });
  const socket = await LiveSocket.open();
  socket.send(JSON.stringify({ token, beats: [{}] }));
  const answer = JSON.parse(await socket.next()) as { token: string };
  expect(Object.keys(answer)).toEqual(["token"]);
  expect(answer.token).not.toBe(token);
  const again = await LiveSocket.open();
  again.send(JSON.stringify({ token: answer.token, beats: [{}] }));
  await judged(2);
});

test("a socket that stays silent is closed with 4408, and one that has spoken isn't", async () => {
  const silent = await LiveSocket.open();
  const spoken = await LiveSocket.of(new AppClient("spoken"), { user: "a" });
  await judged(1);
  await age((socket) => (socket.phase === "counted" ? {} : { openedAt: socket.openedAt - 10_000 }));
  await wakeGate();
  expect((await silent.closed()).code).toBe(closeCodes.late);
  expect(await spoken.ping()).toBe("pong");
});

test("what is no WebSocket is 426, and another sub-protocol 400", async () => {
  const plain = await exports.default.fetch("https://headcount.test/v1/live");
  expect(plain.headers.get("upgrade")).toBe("websocket");
  expect(await problem(plain)).toMatchObject({ status: 426, type: "upgrade-required" });
  for (const headers of [{}, { "sec-websocket-protocol": "chat, headcount.v2" }] as Record<
    string,
    string
  >[]) {
    expect(await problem(upgrade(headers))).toMatchObject({ status: 400, type: "unknown-subprotocol" });
  }
  const several = await upgrade({ "sec-websocket-protocol": "chat, headcount.v1" });
  expect(several.headers.get("sec-websocket-protocol")).toBe("headcount.v1");
  several.webSocket?.accept();
  several.webSocket?.close();
});

test("where no gate has room the socket is closed with 1012 at once", async () => {
  const full = {
    ...env,
    GATES: { getByName: () => ({ fetch: async () => new Response(null, { status: 503 }) }) },
  };
  const request = new Request("https://headcount.test/v1/live", {
    headers: { upgrade: "websocket", "sec-websocket-protocol": "headcount.v1" },
  });
  const response = await fetchRoute(request, full as unknown as typeof env);
  const ws = response.webSocket as WebSocket;
  const closed = new Promise<number>((resolve) => ws.addEventListener("close", ({ code }) => resolve(code)));
  ws.accept();
  expect(await closed).toBe(closeCodes.tryAgain);
});

/** Uses up what an address may do; it stays so for a minute. */
async function exhaust(
  address: string,
  app: string,
  what: "sockets" | "beats",
): Promise<Record<string, string>> {
  const headers = { "cf-connecting-ip": address };
  const isolate = isolateOf(env);
  const facts = requestFacts(new Request("https://headcount.test/", { headers }), "cf-connecting-ip");
  await limitRate(
    { isolate, outboxes: isolate.outboxes, facts, now: Date.now() + 60_000 },
    app,
    what,
    rates[what].burst,
  );
  return headers;
}

test("too many sockets from one address are closed with 4429, and others aren't", async () => {
  const refused = await LiveSocket.open(await exhaust("203.0.113.9", "", "sockets"));
  expect(await refused.closed()).toMatchObject({
    code: closeCodes.tooMany,
    reason: expect.stringContaining("too-many-requests"),
  });
  const other = await LiveSocket.open({ "cf-connecting-ip": "203.0.113.10" });
  expect(await other.ping()).toBe("pong");
});

test("a first message falls under the same limit as heartbeats of its address", async () => {
  const app = new AppClient("limited");
  const socket = await LiveSocket.open(await exhaust("203.0.113.11", app.app, "beats"));
  socket.send(JSON.stringify({ key: await app.key("pub"), beats: [{ user: "a" }] }));
  expect((await socket.closed()).code).toBe(closeCodes.tooMany);
});
