import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { isolateOf } from "../../worker/app/isolate.ts";
import { closeGates } from "../../worker/app/open-socket.ts";
import type { Socket } from "../../worker/live/socket.ts";

/** The gate that a test's few sockets share. */
export const gate = () => env.GATES.getByName("xx-0");

/** Has the gate hibernate. */
export const evict = () => evictDurableObject(gate(), { webSockets: "hibernate" });

/** Runs the gate's alarm; resolves when it has done its work, also where the engine was about to run it anyway. */
export async function wakeGate(): Promise<void> {
  await runDurableObjectAlarm(gate());
  // The last thing that it does is to set the next one, unless nobody is there.
  await expect
    .poll(async () => {
      const { alarmAt, sockets } = await gate().status();
      return sockets === 0 || (alarmAt !== null && alarmAt > Date.now());
    })
    .toBe(true);
}

/** Resolves once the first messages of so many sockets have been judged. */
export async function judged(sockets: number): Promise<void> {
  await expect.poll(async () => (await phases()).filter((phase) => phase === "counted").length).toBe(sockets);
}

async function phases(): Promise<string[]> {
  return runInDurableObject(gate(), (_, state) =>
    state.getWebSockets().map((ws) => (ws.deserializeAttachment() as Socket).phase),
  );
}

/** Changes what the gate remembers of its sockets. */
export async function age(change: (socket: Socket) => Partial<Socket>): Promise<void> {
  await runInDurableObject(gate(), (_, state) => {
    for (const ws of state.getWebSockets()) {
      const socket = ws.deserializeAttachment() as Socket;
      ws.serializeAttachment({ ...socket, ...change(socket) });
    }
  });
}

/** Each test of a file begins with an empty gate. */
export function useEmptyGate(): void {
  beforeEach(() => expect.poll(phases).toEqual([]));
  afterEach(async () => {
    vi.useRealTimers();
    await closeGates(isolateOf(env));
  });
}
