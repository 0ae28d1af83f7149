import { closeCodes, liveProtocol } from "../../sdk/wire.ts";
import type { Env } from "../env.ts";
import { closeFor } from "../http/close-frame.ts";
import { GateChoice } from "../live/gate-choice.ts";
import type { Close } from "../live/reading.ts";
import { Refusal } from "../http/problem.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../routes.ts";

// Plain data only, as all that outlives a request.
const gates = new GateChoice(Math.random);

/** `GET /v1/live`: a socket that counts its user for as long as it is pinged. Hands it to a gate. */
export async function getLive(route: RouteContext): Promise<Response> {
  const { request, env } = route;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Refusal("upgrade-required", "expected a WebSocket: see docs/wire.md", { upgrade: "websocket" });
  }
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(liveProtocol)) {
    throw new Refusal("unknown-subprotocol", `expected the sub-protocol ${liveProtocol}`);
  }
  try {
    await limitRate(route, "", "sockets");
  } catch (error) {
    return closedSocket(closeFor(error));
  }
  const { continent } = (request as { cf?: { continent?: unknown } }).cf ?? {};
  for (const gate of gates.candidates(continent)) {
    const response = await openAt(env, gate, request);
    if (response !== null) return response;
  }
  return closedSocket({ code: closeCodes.tryAgain, reason: "no room at the moment: connect again later" });
}

/** Closes the sockets of all gates that this Worker knows of, for a stop. */
export async function closeGates(env: Env): Promise<void> {
  await Promise.allSettled(gates.names().map((gate) => env.GATES.getByName(gate).closeAll()));
}

/** The upgrade, or null where this gate takes no more or can't be reached. */
async function openAt(env: Env, gate: string, request: Request): Promise<Response | null> {
  try {
    const response = await env.GATES.getByName(gate).fetch(request);
    return response.status === 101 ? response : null;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    console.error(JSON.stringify({ event: "gate-failed", gate, error: name }));
    return null;
  }
}

/** A socket that is closed at once: browsers don't show their pages the status of a refused upgrade. */
function closedSocket({ code, reason }: Close): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  const headers = { "sec-websocket-protocol": liveProtocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}
