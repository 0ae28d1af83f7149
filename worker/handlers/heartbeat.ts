import { type HeartbeatResponse, type RejectedBeat, slotMs } from "../../sdk/wire.ts";
import type { AppContext } from "../app/apps.ts";
import { decodeHeartbeat, type HeartbeatBody, userId } from "../schemas/beat-schema.ts";
import { edgeFacts, isBotRequest } from "../ingest/edge-facts.ts";
import type { Owner, TakenBeat } from "../ingest/ingest.ts";
import { decodeAnonymousLink, installationDays } from "../schemas/link-schema.ts";
import type { UserHash, UserHasher } from "../ingest/user-hash.ts";
import { locationHint } from "../app/jurisdiction.ts";
import { maxBeatAgeMs, maxHeartbeatBytes } from "../limits.ts";
import { Refusal } from "../http/problem.ts";
import { checkMediaType, readJson } from "../http/body.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../routes.ts";
import { changeAlias } from "./links.ts";
import { ingestFor } from "../app/ingest-for.ts";
import { type Sender, senderOf } from "../app/sender.ts";

/** `POST /v1/heartbeat`: signs of life from browsers and apps. Answers once all that is accepted is durable. */
export async function postHeartbeat(route: RouteContext): Promise<Response> {
  checkMediaType(route.request, ["text/plain", "application/json"]);
  const { answer } = await takeHeartbeat(route, await readJson(route.request, maxHeartbeatBytes));
  return Response.json(answer);
}

/** A heartbeat that was taken, with what a socket needs to go on counting. */
interface TakenHeartbeat {
  answer: HeartbeatResponse;
  context: AppContext;
  /** The last beat, unless it was rejected. */
  last: TakenBeat | null;
}

/**
 * Judges the body of a heartbeat, and resolves once all that is accepted is durable. Throws a `Refusal` for the whole.
 * @param route what it came with; the request's own body is not looked at
 */
export async function takeHeartbeat(
  route: Omit<RouteContext, "url">,
  input: unknown,
): Promise<TakenHeartbeat> {
  const { request, env, now } = route;
  const body = decodeHeartbeat(input);
  if (!body.ok) throw new Refusal("malformed-body", body.error);
  const sender = await senderOf(env, request, body.value, now);
  if (sender.role !== "secret") {
    const { app } = sender.context.name;
    await limitRate(route, app, "beats", Math.max(1, body.value.beats.length));
    if (body.value.link !== undefined) await limitRate(route, app, "links");
  }
  return takeFrom(sender, route, body.value);
}

/** Takes the beats of somebody whose credential was checked. */
export async function takeFrom(
  { context, isVerified, token }: Sender,
  { request, env, now }: Omit<RouteContext, "url">,
  { beats, link: linked, invalidate }: HeartbeatBody,
): Promise<TakenHeartbeat> {
  const link = readLink(linked);
  const { shards, dimensions } = context.config.settings;
  const to = link && linkTarget(context.hasher, token?.owner ?? null, beats);

  const rules = {
    now,
    maxAgeMs: maxBeatAgeMs,
    isBot: isBotRequest(request),
    facts: edgeFacts(request, dimensions, isVerified),
    owner: token?.owner ?? null,
  };
  const ingest = ingestFor(env, context, rules, token, locationHint(request));
  const rejected: RejectedBeat[] = [];
  for (const [index, beat] of beats.entries()) {
    const error = ingest.add(beat);
    if (error !== null) rejected.push({ index, error });
  }
  // The shard that takes the beats judges the token too, unless there are more shards than when it was issued.
  if (token?.useWith(token.owner.user.spread % shards) === null) await token.settle();
  await ingest.flush();
  await token?.settle();
  // A bot links nobody.
  if (link !== null && to !== null && ingest.accepted > 0) {
    const user = context.hasher.hash("anonymous", link.anonymous);
    const days = installationDays(link.days, context.calendar, now);
    // An installation is its first user's: whoever signs in there later doesn't take that one's past along.
    await changeAlias(env, context, { do: "link", user, to, onlyIfFree: true }, days);
  }
  if (invalidate === true) await token?.revoke();
  const successor = invalidate === true ? undefined : await token?.successor(now);
  const answer: HeartbeatResponse = {
    accepted: ingest.accepted,
    rejected,
    interval: slotMs / 1000,
    ...(successor !== undefined && { token: successor }),
  };
  return { answer, context, last: ingest.last };
}

function readLink(input: unknown): { anonymous: string; days: string[] | null } | null {
  if (input === undefined) return null;
  const link = decodeAnonymousLink(input);
  if (!link.ok) throw new Refusal("malformed-body", `link: ${link.error}`);
  return link.value;
}

/**
 * Who signed in, and was counted under an anonymous id before: whom the token stands for, or whom a beat names. Only
 * an anonymous id can be linked away through this door, so that a stranger can't move anybody else's activity.
 */
function linkTarget(hasher: UserHasher, owner: Owner | null, beats: unknown[]): UserHash {
  if (owner?.space === "user") return owner.user;
  const users = beats.map((beat) => userId.safeParse((beat as { user?: unknown } | null)?.user));
  const to = users.find((user) => user.success)?.data;
  if (to === undefined || owner !== null) {
    throw new Refusal("malformed-body", "link: expected a beat of the signed-in user beside it");
  }
  return hasher.hash("user", to);
}
