import { liveProtocol } from "../../sdk/wire.ts";
import { limitRate } from "../app/limit-rate.ts";
import { closedSocket, openSocket } from "../app/open-socket.ts";
import type { RouteContext } from "../app/route-context.ts";
import { closeFor } from "../http/close-frame.ts";
import { Refusal } from "../http/problem.ts";

/** `GET /v1/live`: a socket that counts its user for as long as it is pinged. */
export async function getLive(route: RouteContext): Promise<Response> {
  const { request, isolate, facts } = route;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Refusal("upgrade-required", "expected a WebSocket upgrade: see docs/wire.md", {
      upgrade: "websocket",
    });
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
  return openSocket(isolate, request, facts.continent);
}
