import { closeCodes, liveProtocol } from "../../sdk/wire.ts";
import type { Close } from "../http/close-frame.ts";
import { logError } from "../log.ts";
import type { Isolate } from "./isolate.ts";

/** Hands a socket to a gate that has room for it; where none has, the socket is closed at once. */
export async function openSocket(
  { env, gates }: Isolate,
  request: Request,
  continent: string | null,
): Promise<Response> {
  for (const gate of gates.candidates(continent)) {
    const response = await openAt(env.GATES, gate, request);
    // Too many wait already to say who they are: another gate would be of no help.
    if (response?.status === 429) break;
    if (response !== null) return response;
  }
  return closedSocket({
    code: closeCodes.tryAgain,
    reason: "no room for more sockets at the moment: connect again later",
  });
}

/** A socket that is closed at once: browsers don't show their pages the status of a refused upgrade. */
export function closedSocket({ code, reason }: Close): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  const headers = { "sec-websocket-protocol": liveProtocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** Closes the sockets of all gates that this isolate knows of, for a stop. */
export async function closeGates({ env, gates }: Isolate): Promise<void> {
  await Promise.allSettled(gates.names().map((gate) => env.GATES.getByName(gate).closeAll()));
}

/** The upgrade, or null where this gate takes no more or can't be reached. */
async function openAt(
  namespace: Isolate["env"]["GATES"],
  gate: string,
  request: Request,
): Promise<Response | null> {
  try {
    const response = await namespace.getByName(gate).fetch(request);
    return response.status === 101 || response.status === 429 ? response : null;
  } catch (error) {
    logError("gate-failed", error, { gate });
    return null;
  }
}
