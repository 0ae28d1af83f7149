import { expect, test, vi } from "vitest";
import { slotMs } from "../../sdk/wire.ts";
import { Rollup } from "../../worker/objects/rollup.ts";
import { Shard } from "../../worker/objects/shard.ts";
import { AppClient } from "./client.ts";
import { gate, judged, useEmptyGate, wakeGate } from "./gate.ts";
import { LiveSocket } from "./socket.ts";

useEmptyGate();

/** An app with somebody who connected in the slot before this one and has pinged in this one. */
async function overTheEdge(name: string) {
  const app = new AppClient(name);
  const slot = Math.floor(Date.now() / slotMs) * slotMs;
  vi.useFakeTimers({ toFake: ["Date"], now: slot - 60_000 });
  const socket = await LiveSocket.of(app, { user: "a" });
  await judged(1);
  await socket.ping();
  const count = () =>
    app.count(`from=${new Date(slot).toISOString()}&to=${new Date(slot + slotMs).toISOString()}`);
  return { socket, count };
}

/** Has every call of a method fail until it is mended. */
function breakDown(prototype: Shard, method: "record"): () => void;
function breakDown(prototype: Rollup, method: "noteSockets"): () => void;
function breakDown(prototype: object, method: string): () => void {
  const broken = vi
    .spyOn(prototype as Record<string, () => unknown>, method)
    .mockRejectedValue(new Error("down"));
  return () => broken.mockRestore();
}

test("what a shard could not take is counted once it can", async () => {
  const { socket, count } = await overTheEdge("shard-down");
  const mend = breakDown(Shard.prototype, "record");
  vi.useRealTimers();
  await wakeGate();
  expect(await count()).toBe(0);
  mend();
  await wakeGate();
  expect(await count()).toBe(1);
  expect(await socket.ping()).toBe("pong");
});

test("what a closed socket left behind waits for its shard", async () => {
  const { socket, count } = await overTheEdge("left-behind");
  const mend = breakDown(Shard.prototype, "record");
  vi.useRealTimers();
  await socket.close();
  await wakeGate();
  expect(await count()).toBe(0);
  mend();
  await wakeGate();
  await expect.poll(count).toBe(1);
});

test("a roll-up that could not be told of sockets is told again", async () => {
  const app = new AppClient("untold");
  await LiveSocket.of(app, { user: "a" });
  await judged(1);
  const mend = breakDown(Rollup.prototype, "noteSockets");
  await wakeGate();
  const sockets = async () => (await (await app.fetch("/v1/online")).json<{ sockets: number }>()).sockets;
  expect(await sockets()).toBe(0);
  mend();
  await wakeGate();
  expect(await sockets()).toBe(1);
  expect((await gate().status()).alarmAt).toBeGreaterThan(Date.now());
});
