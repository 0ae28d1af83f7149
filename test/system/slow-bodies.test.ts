import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { cleanUp, startServer } from "../support/server.ts";

const strangers = 1000;

const sockets: Socket[] = [];
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await cleanUp();
});

test("a thousand who send a byte of a body and then nothing keep nobody out, and are sent away", async () => {
  const { url, keys } = await startServer();
  const port = Number(new URL(url).port);
  const statuses = Array.from({ length: strangers }, async (_, index) => {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
    const path = index % 2 === 0 ? "/v1/heartbeat" : "/v1/token";
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString("latin1").slice(9, 12);
  });
  await Promise.all(sockets.filter(({ connecting }) => connecting).map((socket) => once(socket, "connect")));

  const honest = await Promise.all(
    Array.from({ length: 60 }, async (_, user) => {
      const body = JSON.stringify({ key: keys.public, beats: [{ user: `honest-${user}` }] });
      return (await fetch(`${url}/v1/heartbeat`, { method: "POST", body })).status;
    }),
  );
  expect(honest.filter((status) => status !== 200)).toEqual([]);
  expect(new Set(await Promise.all(statuses))).toEqual(new Set(["408"]));
});
