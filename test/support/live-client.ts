import { liveProtocol, pingText } from "../../sdk/wire.ts";
import type { TestServer } from "./server.ts";

/** A client's end of `/v1/live`, on Node's own WebSocket. */
export interface LiveClient {
  /** Resolves when the ping has been answered. */
  ping(): Promise<void>;
  close(): void;
  /** Resolves when the socket is closed, by whomever. */
  closed: Promise<{ code: number; reason: string }>;
}

/** Opens a socket, sends a first message with this beat and resolves once a ping after it has been answered. */
async function connectLive(
  { url, keys }: Pick<TestServer, "url" | "keys">,
  beat: object,
): Promise<LiveClient> {
  const ws = new WebSocket(`${url.replace(/^http/, "ws")}/v1/live`, liveProtocol);
  const answers: (() => void)[] = [];
  ws.addEventListener("message", () => answers.shift()?.());
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  await new Promise<void>((resolve, reject) => {
    ws.addEventListener("open", () => resolve());
    ws.addEventListener("error", () => reject(new Error("the socket did not open")));
  });
  const client: LiveClient = {
    ping() {
      return new Promise((resolve) => {
        answers.push(resolve);
        ws.send(pingText);
      });
    },
    close: () => ws.close(1000),
    closed,
  };
  ws.send(JSON.stringify({ key: keys.public, beats: [beat] }));
  const refused = closed.then(({ code, reason }) => {
    throw new Error(`the socket was closed: ${code} ${reason}`);
  });
  await Promise.race([client.ping(), refused]);
  refused.catch(() => {});
  return client;
}

/** Many at once, so many at a time. */
export async function connectAll(
  server: Pick<TestServer, "url" | "keys">,
  beats: readonly object[],
  atOnce = 50,
): Promise<LiveClient[]> {
  const clients: LiveClient[] = [];
  const waiting = [...beats];
  const worker = async () => {
    for (let beat = waiting.pop(); beat !== undefined; beat = waiting.pop()) {
      clients.push(await connectLive(server, beat));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return clients;
}

/** What `/v1/online` says, and the gates' rows of `/v1/status`. */
export async function askOnline({ url, keys }: Pick<TestServer, "url" | "keys">) {
  const response = await fetch(`${url}/v1/online?fresh=1`, {
    headers: { authorization: `Bearer ${keys.read}` },
  });
  const { windows, sockets } = (await response.json()) as {
    windows: { count: number | null }[];
    sockets: number;
  };
  return { people: windows[0]?.count ?? null, sockets };
}

/** A gate's row of `/v1/status`. */
export interface GateRow {
  part: string;
  gate: string;
  sockets: number;
  allSockets: number;
  starts: number;
  messages: number;
  alarms: number;
  awakeSince: string;
}

/** The gates that hold sockets of the app. Asking wakes them. */
export async function askGates({ url, keys }: Pick<TestServer, "url" | "keys">): Promise<GateRow[]> {
  const response = await fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${keys.read}` } });
  const { parts } = (await response.json()) as { parts: GateRow[] };
  return parts.filter(({ part }) => part === "gate");
}
