import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { closeCodes, slotMs } from "../../sdk/wire.ts";
import { isolateOf } from "../../worker/app/isolate.ts";
import { closeGates } from "../../worker/app/open-socket.ts";
import { responses } from "../../worker/schemas/answer-schemas.ts";
import { AppClient } from "./client.ts";
import { age, evict, gate, judged, useEmptyGate, wakeGate } from "./gate.ts";
import { LiveSocket } from "./socket.ts";

useEmptyGate();

const dayMs = 86_400_000;

async function online(app: AppClient): Promise<{ windows: { count: number | null }[]; sockets: number }> {
  return (await app.fetch("/v1/online?fresh=1", {}, "read")).json();
}

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
  // An alarm may have read the pings before this one; the next reading would come in a few minutes.
  await age((held) => ({ ...held, readAt: slot - 60_000 }));
  await wakeGate();
  expect(await count(slot - slotMs, slot)).toBe(1);
  expect(await count(slot, slot + slotMs)).toBe(1);
  expect(await count(slot, slot + slotMs, "&plan=paid")).toBe(1);
  expect(await count(slot, slot + slotMs, "&plan=free")).toBe(0);

  // An alarm that comes twice changes nothing.
  await wakeGate();
  expect(await count(slot, slot + slotMs)).toBe(1);
});

test("who is connected over midnight comes back on the second day of their cohort", async () => {
  const app = new AppClient("midnight");
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const yesterday = new Date(today - dayMs).toISOString().slice(0, 10);
  vi.useFakeTimers({ toFake: ["Date"], now: today - 60_000 });
  const socket = await LiveSocket.of(app, { user: "a", since: yesterday });
  await judged(1);
  // The engine's clock is real: for it this ping is of today.
  await socket.ping();
  vi.useRealTimers();
  await wakeGate();
  const response = await app.fetch("/v1/retention?fresh=1&interval=day&cohorts=2&periods=2");
  const { cohorts } = (await response.json()) as {
    cohorts: { cohort: string; periods: { count: number }[] }[];
  };
  const periods = cohorts.find(({ cohort }) => cohort === yesterday)?.periods;
  expect(periods?.map(({ count }) => count)).toEqual([1, 1]);
});

test("who was not pinged since the edge doesn't count after it", async () => {
  const app = new AppClient("hidden");
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  await LiveSocket.of(app, { user: "a" });
  await judged(1);
  vi.useRealTimers();
  await wakeGate();
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
  await wakeGate();
  expect(await online(app)).toMatchObject({ windows: [{ count: 2 }], sockets: 3 });
  expect(await online(other)).toMatchObject({ windows: [{ count: 1 }], sockets: 1 });
  const metrics = await (await app.fetch("/metrics", {}, "read")).text();
  expect(metrics).toContain('headcount_open_sockets{app="told"} 3\n');
  const status = (await (await app.fetch("/v1/status")).json()) as { parts: Record<string, unknown>[] };
  expect(responses.status.safeParse(status).error?.issues ?? []).toEqual([]);
  const { parts } = status;
  expect(parts.find(({ part }) => part === "gate")).toMatchObject({
    gate: "xx-0",
    sockets: 3,
    allSockets: 4,
  });

  await sockets[0]?.close();
  await evict();
  await wakeGate();
  expect((await online(app)).sockets).toBe(2);
  await Promise.all(sockets.slice(1).map((socket) => socket.close()));
  await wakeGate();
  expect((await online(app)).sockets).toBe(0);
  expect((await online(other)).sockets).toBe(0);
  // Nobody is there: the gate sleeps without an alarm, and has nothing to tell anybody.
  expect((await gate().status()).alarmAt).toBeNull();
  expect(
    await runInDurableObject(gate(), (_, { storage }) => storage.sql.exec("SELECT app FROM told").toArray()),
  ).toEqual([]);
});

test("sockets that nobody pings any more are closed with 1012", async () => {
  const socket = await LiveSocket.of(new AppClient("half-open"), { user: "a" });
  await judged(1);
  const longAgo = Date.now() - 11 * 60_000;
  await age(() => ({ countedAt: longAgo, readAt: longAgo }));
  await wakeGate();
  expect((await socket.closed()).code).toBe(closeCodes.tryAgain);
});

test("when the settings that let it in change, a socket has to prove itself again", async () => {
  const app = new AppClient("changed");
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  const due = () => age(() => ({ readAt: Date.now() - slotMs }));
  await app.set({ timeZone: "Asia/Tokyo", retentionDays: 30 });
  await due();
  await wakeGate();
  expect(await socket.ping()).toBe("pong");
  await app.set({ origins: ["https://app.example.com"] });
  await due();
  await wakeGate();
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
  await closeGates(isolateOf(env));
  expect(await socket.closed()).toEqual({ code: closeCodes.tryAgain, reason: "restarting" });
  expect(
    await app.count(`from=${new Date(slot).toISOString()}&to=${new Date(slot + slotMs).toISOString()}`),
  ).toBe(1);
});

test("a lost alarm is set again by whoever comes next", async () => {
  await LiveSocket.of(new AppClient("lost-alarm"), { user: "a" });
  await judged(1);
  await runInDurableObject(gate(), (_, { storage }) => storage.deleteAlarm());
  await evict();
  await LiveSocket.open();
  expect(await runInDurableObject(gate(), (_, { storage }) => storage.getAlarm())).toBeGreaterThan(0);
});

test("an anonymous installation that signs in over a socket is linked", async () => {
  const app = new AppClient("linking");
  await app.beat({ anonymous: "i-1" });
  await LiveSocket.of(app, { user: "a" }, { link: { anonymous: "i-1" } });
  await judged(1);
  expect(await app.count("window=24h")).toBe(1);
});
