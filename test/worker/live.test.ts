import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeCodes, slotMs } from "../../sdk/wire.ts";
import { closeGates, getLive } from "../../worker/handlers/live.ts";
import type { Socket } from "../../worker/live/socket.ts";
import { AppClient, problem } from "./client.ts";
import { LiveSocket, upgrade } from "./socket.ts";

const gate = () => env.GATES.getByName("xx-0");
const evict = () => evictDurableObject(gate(), { webSockets: "hibernate" });

/** Resolves once the first messages of so many sockets have been judged. */
async function judged(sockets: number): Promise<void> {
  await expect.poll(async () => (await phases()).filter((phase) => phase === "counted").length).toBe(sockets);
}

async function phases(): Promise<string[]> {
  return runInDurableObject(gate(), (_, state) =>
    state.getWebSockets().map((ws) => (ws.deserializeAttachment() as Socket).phase),
  );
}

/** Changes what the gate remembers of its sockets. */
async function age(change: (socket: Socket) => Partial<Socket>): Promise<void> {
  await runInDurableObject(gate(), (_, state) => {
    for (const ws of state.getWebSockets()) {
      const socket = ws.deserializeAttachment() as Socket;
      ws.serializeAttachment({ ...socket, ...change(socket) });
    }
  });
}

async function online(app: AppClient): Promise<{ windows: { count: number | null }[]; sockets: number }> {
  return (await app.fetch("/v1/online?fresh=1", {}, "read")).json();
}

beforeEach(() => expect.poll(phases).toEqual([]));
afterEach(async () => {
  vi.useRealTimers();
  await closeGates(env);
});

test("a first message counts its user, and nothing is said in return", async () => {
  const app = new AppClient("first");
  const socket = await LiveSocket.of(app, { user: "a", via: "socket" });
  await judged(1);
  expect(await app.count("window=24h")).toBe(1);
  // Nothing came before the answer to the ping.
  expect(await socket.ping()).toBe("pong");
});

test("pings are answered while the gate sleeps, and wake nothing", async () => {
  const app = new AppClient("asleep");
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  const before = await gate().status();
  await evict();
  const pings = 2000;
  for (let ping = 0; ping < pings; ping++) expect(await socket.ping()).toBe("pong");
  const askedAt = Date.now();
  const after = await gate().status();
  // The question itself has woken it, and nothing did before.
  expect(after.awakeSince).toBeGreaterThanOrEqual(askedAt);
  expect(after).toMatchObject({
    sockets: 1,
    starts: before.starts + 1,
    messages: before.messages,
    alarms: before.alarms,
  });
});

test("who is connected over an edge counts in both slots, though the gate was evicted meanwhile", async () => {
  const app = new AppClient("edge");
  await app.set({ dimensions: ["plan"] });
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  const count = (from: number, to: number, filter = "") =>
    app.count(`from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}${filter}`);

  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  const socket = await LiveSocket.of(app, { user: "a", since: "2026-11-01", dimensions: { plan: "paid" } });
  await judged(1);
  vi.useRealTimers();
  expect(await count(slot - slotMs, slot)).toBe(1);
  expect(await count(slot, slot + slotMs)).toBe(0);

  await evict();
  expect(await socket.ping()).toBe("pong");
  await runDurableObjectAlarm(gate());
  expect(await count(slot - slotMs, slot)).toBe(1);
  expect(await count(slot, slot + slotMs)).toBe(1);
  expect(await count(slot, slot + slotMs, "&plan=paid")).toBe(1);
  expect(await count(slot, slot + slotMs, "&plan=free")).toBe(0);

  // An alarm that comes twice changes nothing.
  await runDurableObjectAlarm(gate());
  expect(await count(slot, slot + slotMs)).toBe(1);
});

test("who was not pinged since the edge doesn't count after it", async () => {
  const app = new AppClient("hidden");
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  await LiveSocket.of(app, { user: "a" });
  await judged(1);
  vi.useRealTimers();
  await runDurableObjectAlarm(gate());
  expect(
    await app.count(`from=${new Date(slot).toISOString()}&to=${new Date(slot + slotMs).toISOString()}`),
  ).toBe(0);
});

test("a ping just before the end counts when the socket closes, before any alarm", async () => {
  const app = new AppClient("leaving");
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  vi.useRealTimers();
  await socket.ping();
  await socket.close();
  const query = `from=${new Date(slot).toISOString()}&to=${new Date(slot + slotMs).toISOString()}`;
  await expect.poll(() => app.count(query)).toBe(1);
});

test("people and open sockets are told apart, and what closes is gone", async () => {
  const app = new AppClient("told");
  const other = new AppClient("told-other");
  const sockets = await Promise.all([
    LiveSocket.of(app, { user: "a" }),
    LiveSocket.of(app, { user: "a" }),
    LiveSocket.of(app, { anonymous: "i" }),
    LiveSocket.of(other, { user: "a" }),
  ]);
  await judged(4);
  await runDurableObjectAlarm(gate());
  expect(await online(app)).toMatchObject({ windows: [{ count: 2 }], sockets: 3 });
  expect(await online(other)).toMatchObject({ windows: [{ count: 1 }], sockets: 1 });
  const metrics = await (await app.fetch("/metrics", {}, "read")).text();
  expect(metrics).toContain('headcount_open_sockets{app="told"} 3\n');
  const { parts } = (await (await app.fetch("/v1/status")).json()) as { parts: Record<string, unknown>[] };
  expect(parts.find(({ part }) => part === "gate")).toMatchObject({
    gate: "xx-0",
    sockets: 3,
    allSockets: 4,
  });

  await sockets[0]?.close();
  await evict();
  await runDurableObjectAlarm(gate());
  expect((await online(app)).sockets).toBe(2);
  await Promise.all(sockets.slice(1).map((socket) => socket.close()));
  await runDurableObjectAlarm(gate());
  expect((await online(app)).sockets).toBe(0);
  expect((await online(other)).sockets).toBe(0);
  // Nobody is there: the gate sleeps without an alarm.
  expect((await gate().status()).alarmAt).toBeNull();
});

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
    JSON.stringify({ key, beats: [{ user: id, via: id }] }),
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
  const socket = await LiveSocket.of(new AppClient("chatty"), { user: "a" });
  await judged(1);
  socket.send("ping ");
  expect((await socket.closed()).code).toBe(closeCodes.badMessage);
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

test("no key, a foreign one, a key that only asks or a page of another origin closes the socket with 4401", async () => {
  const app = new AppClient("credentials");
  await app.set({ origins: ["https://app.example.com"] });
  const good = await app.key("pub");
  const cases: [key: string | undefined, origin: string, code: number | null][] = [
    [undefined, "https://app.example.com", closeCodes.credentials],
    [good.replace("_credentials_", "_other_"), "https://app.example.com", closeCodes.credentials],
    [await app.key("read"), "https://app.example.com", closeCodes.credentials],
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

test("a socket that stays silent is closed with 4408, and one that has spoken isn't", async () => {
  const silent = await LiveSocket.open();
  const spoken = await LiveSocket.of(new AppClient("spoken"), { user: "a" });
  await judged(1);
  await age((socket) => (socket.phase === "counted" ? {} : { openedAt: socket.openedAt - 10_000 }));
  await runDurableObjectAlarm(gate());
  expect((await silent.closed()).code).toBe(closeCodes.late);
  expect(await spoken.ping()).toBe("pong");
});

test("sockets that nobody pings any more are closed with 1012", async () => {
  const socket = await LiveSocket.of(new AppClient("half-open"), { user: "a" });
  await judged(1);
  const longAgo = Date.now() - 11 * 60_000;
  await age(() => ({ countedAt: longAgo, readAt: longAgo }));
  await runDurableObjectAlarm(gate());
  expect((await socket.closed()).code).toBe(closeCodes.tryAgain);
});

test("when the settings that let it in change, a socket has to prove itself again", async () => {
  const app = new AppClient("changed");
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  const due = () => age(() => ({ readAt: Date.now() - slotMs }));
  await app.set({ timeZone: "Asia/Tokyo", retentionDays: 30 });
  await due();
  await runDurableObjectAlarm(gate());
  expect(await socket.ping()).toBe("pong");
  await app.set({ origins: ["https://app.example.com"] });
  await due();
  await runDurableObjectAlarm(gate());
  expect((await socket.closed()).code).toBe(closeCodes.tryAgain);
});

test("a stop counts those who were pinged and closes with 1012", async () => {
  const app = new AppClient("stopped");
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  vi.useRealTimers();
  await socket.ping();
  await closeGates(env);
  expect(await socket.closed()).toEqual({ code: closeCodes.tryAgain, reason: "restarting" });
  expect(
    await app.count(`from=${new Date(slot).toISOString()}&to=${new Date(slot + slotMs).toISOString()}`),
  ).toBe(1);
});

test("a lost alarm is set again by whoever comes next", async () => {
  await LiveSocket.of(new AppClient("lost-alarm"), { user: "a" });
  await judged(1);
  await runInDurableObject(gate(), (_, state) => state.storage.deleteAlarm());
  await evict();
  expect((await gate().status()).alarmAt).toBeNull();
  await LiveSocket.open();
  expect((await gate().status()).alarmAt).not.toBeNull();
});

test("an anonymous installation that signs in over a socket is linked", async () => {
  const app = new AppClient("linking");
  await app.beat({ anonymous: "i-1" });
  await LiveSocket.of(app, { user: "a" }, { link: { anonymous: "i-1" } });
  await judged(1);
  expect(await app.count("window=24h")).toBe(1);
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
  const response = await getLive({
    request,
    url: new URL(request.url),
    env: full as unknown as typeof env,
    now: Date.now(),
  });
  const ws = response.webSocket as WebSocket;
  const closed = new Promise<number>((resolve) => ws.addEventListener("close", ({ code }) => resolve(code)));
  ws.accept();
  expect(await closed).toBe(closeCodes.tryAgain);
});
