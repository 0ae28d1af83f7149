import { type HeartbeatResponse, type RejectedBeat, slotMs } from "../../sdk/wire.ts";
import { appContext, authenticate } from "../app-context.ts";
import { decodeHeartbeat } from "../ingest/beat.ts";
import { edgeFacts, isBotRequest } from "../ingest/edge-facts.ts";
import { maxBeatAgeMs, maxHeartbeatBytes } from "../limits.ts";
import { Refusal } from "../problem.ts";
import { checkMediaType, readJson } from "../read-body.ts";
import type { RouteContext } from "../routes.ts";
import { ingestFor } from "./record.ts";

/** `POST /v1/heartbeat`: signs of life from browsers and apps. Answers once all that is accepted is durable. */
export async function postHeartbeat({ request, env, now }: RouteContext): Promise<Response> {
  checkMediaType(request, ["text/plain", "application/json"]);
  const body = decodeHeartbeat(await readJson(request, maxHeartbeatBytes));
  if (!body.ok) throw new Refusal("malformed-body", body.error);

  const { app, role } = await authenticate(env, body.value.key);
  if (role === "read") throw new Refusal("wrong-role", "a read key only asks: expected the public key");
  const context = await appContext(env, app, now);
  checkOrigin(request, context.config.settings.origins);

  const ingest = ingestFor(env, context, {
    now,
    maxAgeMs: maxBeatAgeMs,
    facts: edgeFacts(request, context.config.settings.dimensions, role === "secret"),
  });
  const isBot = isBotRequest(request);
  const rejected: RejectedBeat[] = [];
  for (const [index, beat] of body.value.beats.entries()) {
    const error = isBot ? "a bot, by its user agent: expected a person" : ingest.add(beat);
    if (error !== null) rejected.push({ index, error });
  }
  await ingest.flush();
  return Response.json({
    accepted: ingest.accepted,
    rejected,
    interval: slotMs / 1000,
  } satisfies HeartbeatResponse);
}

/** Browsers name the page's origin and can't be made to lie about it; what isn't a browser names none. */
function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (allowed.length === 0 || origin === null || allowed.includes(origin)) return;
  throw new Refusal("origin-not-allowed", "the page's origin is not among the app's `origins` setting");
}
