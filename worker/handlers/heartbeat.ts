import { type HeartbeatResponse, type RejectedBeat, slotMs } from "../../sdk/wire.ts";
import { authenticate } from "../app-context.ts";
import { decodeHeartbeat, userId } from "../ingest/beat.ts";
import { edgeFacts, isBotRequest } from "../ingest/edge-facts.ts";
import { decodeAnonymousLink, linkedDays } from "../ingest/link.ts";
import { maxBeatAgeMs, maxHeartbeatBytes } from "../limits.ts";
import { Refusal } from "../problem.ts";
import { checkMediaType, readJson } from "../read-body.ts";
import type { RouteContext } from "../routes.ts";
import { changeAlias } from "./links.ts";
import { ingestFor } from "./record.ts";

/** `POST /v1/heartbeat`: signs of life from browsers and apps. Answers once all that is accepted is durable. */
export async function postHeartbeat({ request, env, now }: RouteContext): Promise<Response> {
  checkMediaType(request, ["text/plain", "application/json"]);
  const body = decodeHeartbeat(await readJson(request, maxHeartbeatBytes));
  if (!body.ok) throw new Refusal("malformed-body", body.error);

  const link = readLink(body.value.link, body.value.beats);
  const { role, context } = await authenticate(env, body.value.key, now);
  if (role !== "pub" && role !== "secret") {
    throw new Refusal("wrong-role", "this key reports no activity: expected the public key");
  }
  checkOrigin(request, context.config.settings.origins);

  const ingest = ingestFor(env, context, {
    now,
    maxAgeMs: maxBeatAgeMs,
    isBot: isBotRequest(request),
    facts: edgeFacts(request, context.config.settings.dimensions, role === "secret"),
  });
  const rejected: RejectedBeat[] = [];
  for (const [index, beat] of body.value.beats.entries()) {
    const error = ingest.add(beat);
    if (error !== null) rejected.push({ index, error });
  }
  await ingest.flush();
  // A bot links nobody.
  if (link !== null && ingest.accepted > 0) {
    const [user, to] = [
      context.hasher.hash("anonymous", link.anonymous),
      context.hasher.hash("user", link.to),
    ];
    const days = linkedDays(link.days, context.calendar, now);
    // An installation is its first user's: whoever signs in there later doesn't take that one's past along.
    await changeAlias(env, context, { do: "link", user, to, onlyIfFree: true }, days);
  }
  return Response.json({
    accepted: ingest.accepted,
    rejected,
    interval: slotMs / 1000,
  } satisfies HeartbeatResponse);
}

/**
 * Who signed in, and under which anonymous id they were counted before. Only an anonymous id can be linked away
 * through this door, so that a stranger can't move anybody else's activity.
 */
function readLink(
  input: unknown,
  beats: unknown[],
): { anonymous: string; to: string; days: string[] | null } | null {
  if (input === undefined) return null;
  const link = decodeAnonymousLink(input);
  if (!link.ok) throw new Refusal("malformed-body", `link: ${link.error}`);
  const users = beats.map((beat) => userId.safeParse((beat as { user?: unknown } | null)?.user));
  const to = users.find((user) => user.success)?.data;
  if (to === undefined) {
    throw new Refusal("malformed-body", "link: expected a beat of the signed-in user beside it");
  }
  return { ...link.value, to };
}

/** Browsers name the page's origin and can't be made to lie about it; what isn't a browser names none. */
function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (allowed.length === 0 || origin === null || allowed.includes(origin)) return;
  throw new Refusal("origin-not-allowed", "the page's origin is not among the app's `origins` setting");
}
