import type { Disk } from "./disk.ts";
import type { GateSide, ServerSocket } from "./sockets.ts";
import type { Actor } from "./world.ts";

/** The sockets that a gate holds. They stay when it hibernates. */
export interface HeldSockets {
  readonly side: GateSide;
  readonly sockets: Set<ServerSocket>;
  autoResponse: { request: string; response: string } | null;
}

/** What the objects use of `DurableObjectState`. */
export function contextOf(
  id: string,
  disk: Disk,
  actor: Actor,
  held: HeldSockets,
  blockConcurrencyWhile: (work: () => Promise<void>) => Promise<void>,
) {
  return {
    id: { name: id },
    storage: storageOf(disk, actor),
    blockConcurrencyWhile,
    setWebSocketAutoResponse(pair: { request: string; response: string }) {
      held.autoResponse = pair;
    },
    acceptWebSocket(socket: ServerSocket) {
      socket.side = held.side;
      held.sockets.add(socket);
    },
    getWebSockets: () => [...held.sockets],
    getWebSocketAutoResponseTimestamp: ({ lastPingAt }: ServerSocket) =>
      lastPingAt === null ? null : new Date(lastPingAt),
  };
}

/** What the objects use of `DurableObjectStorage`. */
function storageOf(disk: Disk, actor: Actor) {
  const check = () => {
    if (!actor.isAlive) throw new Error("this object is gone");
  };
  return {
    sql: {
      exec(query: string, ...bindings: (null | number | string | Uint8Array)[]) {
        check();
        const rows = disk.exec(query, bindings);
        return { toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows[Symbol.iterator]() };
      },
    },
    transactionSync<Result>(work: () => Result): Result {
      check();
      return disk.transaction(work);
    },
    sync: () => disk.flushed(),
    getAlarm: async () => disk.alarm,
    async setAlarm(at: number) {
      check();
      disk.setAlarm(at);
    },
  };
}
