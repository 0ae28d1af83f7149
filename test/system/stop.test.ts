import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, expect, test } from "vitest";
import { isAlive } from "../../scripts/holder.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

/** A connection with half a request, which the engine would wait for. */
async function heldConnection({ url }: TestServer): Promise<void> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write("POST /v1/heartbeat HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{");
}

/** The stop is overdue after five seconds, and a loaded machine may take its time. */
const graceMs = 20_000;

test.for([["SIGTERM"], ["SIGINT"]] as const)(
  "%s to all of its processes at once ends it although a connection is held",
  async ([signal]) => {
    const server = await startServer();
    const engine = await server.enginePid();
    await heldConnection(server);
    const ended = server.interrupt(signal);
    // Of npm, which is told too, no exit code can be expected.
    await expect.poll(() => isAlive(engine), { timeout: graceMs }).toBe(false);
    await ended;
  },
);
