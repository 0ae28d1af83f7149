import type { RouteContext } from "../app/route-context.ts";
import { takeHeartbeat } from "../app/take-heartbeat.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { maxHeartbeatBytes } from "../limits.ts";
import { decodeHeartbeat } from "../schemas/beat-schema.ts";

/** `POST /v1/heartbeat`: signs of life from browsers and apps. Answers once all that is accepted is durable. */
export async function postHeartbeat(route: RouteContext): Promise<Response> {
  const body = await readBody(route.request, {
    types: jsonOrText,
    maxBytes: maxHeartbeatBytes,
    decode: decodeHeartbeat,
  });
  const { answer } = await takeHeartbeat(route, body);
  return Response.json(answer);
}
