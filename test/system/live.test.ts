import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, test } from "vitest";
import { closeCodes, liveProtocol } from "../../sdk/wire.ts";
import { askGates, askOnline, connectAll } from "../support/live-client.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

afterAll(cleanUp);
beforeEach(stayWithinSlot);

// All of these wait for gates, each for those of a server of its own: at the same time.

const gateTellsWithin = { timeout: 30_000, interval: 500 };

async function activeToday({ url, keys }: TestServer): Promise<number | null> {
  const response = await fetch(`${url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  const { windows } = (await response.json()) as { windows: { count: number | null }[] };
  return windows[0]?.count ?? null;
}

/** 300 sockets of 200 people: half of the people have two. */
const beats = Array.from({ length: 300 }, (_, index) =>
  index % 3 === 0 ? { anonymous: `i-${index % 200}` } : { user: `u-${index % 200}` },
);
const exact = new Set(beats.map((beat) => JSON.stringify(beat))).size;

test.concurrent("people on sockets are counted as an exact set counts them, and open sockets one by one", async ({
  expect,
}) => {
  const server = await startServer();
  const clients = await connectAll(server, beats);
  await expect.poll(() => activeToday(server)).toBe(exact);
  await expect.poll(() => askOnline(server), gateTellsWithin).toEqual({ people: exact, sockets: 300 });
  for (const client of clients.slice(0, 100)) client.close();
  await expect.poll(() => askOnline(server), gateTellsWithin).toEqual({ people: exact, sockets: 200 });

  // A stop tells those who are left to connect again.
  const ends = Promise.all(clients.slice(100).map(({ closed }) => closed));
  expect(await server.stop()).toBe(0);
  expect(new Set((await ends).map(({ code }) => code))).toEqual(new Set([closeCodes.tryAgain]));
  expect(await clients[0]?.closed).toMatchObject({ code: 1000 });
});

test.concurrent("sockets that open at once, more than one gate takes, all stay open", async ({ expect }) => {
  const server = await startServer();
  const many = Array.from({ length: 3000 }, (_, index) => ({ user: `u-${index}` }));
  let isStopping = false;
  const lost: number[] = [];
  for (const { closed } of await connectAll(server, many, 100)) {
    void closed.then(({ code }) => isStopping || lost.push(code));
  }
  await expect.poll(async () => (await askOnline(server)).sockets, gateTellsWithin).toBe(many.length);
  expect(lost).toEqual([]);
  isStopping = true;
  await server.stop();
});

test.concurrent("Ctrl-C tells sockets to connect again too, and does not wait for one whose other end is gone", async ({
  expect,
}) => {
  const server = await startServer();
  const [client] = await connectAll(server, [{ user: "a" }]);
  const gone = await halfOpen(server);
  expect(await server.interrupt()).toBe(0);
  expect((await client?.closed)?.code).toBe(closeCodes.tryAgain);
  gone.destroy();
});

/** A connection that was upgraded and then never reads or writes again. */
async function halfOpen({ url }: TestServer): Promise<Duplex> {
  const upgrade = request(`${url}/v1/live`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": liveProtocol,
    },
  }).end();
  const [, socket] = (await once(upgrade, "upgrade")) as [unknown, Duplex];
  socket.pause();
  return socket;
}

test.concurrent("after kill -9 sockets that connect again count as before, and the lost ones are open no longer", async ({
  expect,
}) => {
  const first = await startServer();
  const clients = await connectAll(first, beats);
  await expect.poll(() => activeToday(first)).toBe(exact);
  await expect.poll(async () => (await askOnline(first)).sockets, gateTellsWithin).toBe(300);
  await first.kill();
  await Promise.all(clients.map(({ closed }) => closed));

  const second = await startServer({ dataDir: first.dataDir });
  expect(await activeToday(second)).toBe(exact);
  await connectAll(second, beats.slice(0, 120));
  expect(await activeToday(second)).toBe(exact);
  await expect.poll(async () => (await askOnline(second)).sockets, gateTellsWithin).toBe(120);
  await second.stop();
});

test.concurrent("a gate sleeps while its sockets are pinged", async ({ expect }) => {
  const server = await startServer();
  const clients = await connectAll(server, beats.slice(0, 30));
  await expect.poll(async () => (await askOnline(server)).sockets, gateTellsWithin).toBe(30);
  const gate = async () => (await askGates(server))[0];
  let before = await gate();
  let pings = 0;
  // The engine lets an object hibernate that has been idle for ten seconds; an alarm in the last of them is bad luck.
  await expect
    .poll(
      async () => {
        const until = Date.now() + 15_000;
        while (Date.now() < until) {
          await Promise.all(clients.map((client) => client.ping()));
          pings += clients.length;
          await sleep(50);
        }
        const askedAt = Date.now();
        const after = await gate();
        const hasSlept = Date.parse(after?.awakeSince ?? "") >= Math.floor(askedAt / 1000) * 1000;
        const news = [hasSlept, (after?.messages ?? 0) - (before?.messages ?? 0)];
        before = after;
        return news;
      },
      { timeout: 90_000 },
    )
    .toEqual([true, 0]);
  expect(pings).toBeGreaterThan(1000);
  await server.stop();
});
