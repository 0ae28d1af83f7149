import type { HeartbeatResponse, RejectedBeat } from "../../sdk/wire.ts";
import { secondsToNext } from "../counting/resolution.ts";
import type { UserHash } from "../counting/user-hash.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { beatCost } from "../ingest/beat-cost.ts";
import { clockShiftMs } from "../ingest/clock-shift.ts";
import { edgeFacts, isBot } from "../ingest/edge-facts.ts";
import type { Ingest, TakenBeat } from "../ingest/ingest.ts";
import { installationClaim } from "../ingest/claims.ts";
import { dayMs, gatherWindows, maxBeatAgeMs, maxBeatsPerHeartbeat, maxListedRejections } from "../limits.ts";
import { type HeartbeatBody, userId } from "../schemas/beat-schema.ts";
import { type AnonymousLink, decodeAnonymousLink } from "../schemas/link-schema.ts";
import type { App } from "./app.ts";
import { changeAlias } from "./change-alias.ts";
import { ingestFor } from "./ingest-for.ts";
import { locationHint } from "./jurisdiction.ts";
import { limitRate, secondsToWait } from "./limit-rate.ts";
import { tellCounters } from "./record-in.ts";
import type { SenderContext } from "./route-context.ts";
import { type Sender, senderOf } from "./sender.ts";
import type { TokenSession } from "./token-session.ts";

/** A heartbeat that was taken, with what a socket needs to go on counting. */
export interface TakenHeartbeat {
  answer: HeartbeatResponse;
  sender: Sender;
  /** The app's when the heartbeat was judged. */
  standing: object;
  /** The last beat, unless it was rejected. */
  last: TakenBeat | null;
}

/**
 * The way of a heartbeat, by HTTP or as a socket's first message; resolves once all that is accepted is durable. Throws
 * a `Refusal` for the whole.
 *
 * @param leastWindows for how many commit windows it is gathered with others at least
 */
export async function takeHeartbeat(
  context: SenderContext,
  body: HeartbeatBody,
  leastWindows = 0,
): Promise<TakenHeartbeat> {
  const sender = await senderOf(context, body);
  const { standing } = sender.app;
  await chargeBeats(context, sender, body);
  const signIn = signInOf(sender, body);
  let isDeferred = signIn !== null && !(await mayLink(context, sender));
  const ingest = openIngest(context, sender, body, leastWindows);
  const { rejected, unlisted } = addBeats(ingest, body.beats);
  await makeDurable(sender, ingest);
  if (ingest.accepted === 0) await tellCounters(sender.app, context.now);
  // A bot links nobody.
  if (signIn !== null && !isDeferred && ingest.accepted > 0)
    isDeferred = !(await joinUsers(context, sender, signIn, ingest.last));
  const token = await nextToken(sender.token, body.invalidate === true, context.now);
  const answer: HeartbeatResponse = {
    accepted: ingest.accepted,
    rejected,
    ...(unlisted > 0 && { unlisted }),
    interval: secondsToNext(sender.app.settings.resolution, context.now, sender.app.calendar),
    ...ingest.ignored.toMember(),
    ...(token !== undefined && { token }),
    ...(isDeferred && { linkDeferred: true }),
  };
  return { answer, sender, standing, last: ingest.last };
}

/** Servers are not limited. */
async function chargeBeats(
  context: SenderContext,
  { app, role }: Sender,
  body: HeartbeatBody,
): Promise<void> {
  if (role === "secret") return;
  if (body.beats.length > maxBeatsPerHeartbeat) {
    throw new Refusal(
      "body-too-large",
      `beats: expected at most ${maxBeatsPerHeartbeat}: send the rest in another heartbeat`,
    );
  }
  const stampedBy = body.now ?? context.now;
  const cost = body.beats.reduce<number>((sum, beat) => sum + beatCost(beat, stampedBy), 0);
  await limitRate(context, app.name.app, "beats", Math.max(1, cost));
}

/** An address from which many sign in at once is told to come again with the link; its beats are taken meanwhile. */
async function mayLink(context: SenderContext, { app, role }: Sender): Promise<boolean> {
  return role === "secret" || (await secondsToWait(context, app.name.app, "links")) === 0;
}

/** An installation that signed in, and whose it is now. */
interface SignIn {
  installation: UserHash;
  user: UserHash;
  link: AnonymousLink;
}

/**
 * Who signed in, and was counted under an anonymous id before: whom the token stands for, or whom a beat names. Only
 * an anonymous id can be linked away through this door, so that a stranger can't move anybody else's activity.
 */
function signInOf({ app, token }: Sender, { link: input, beats }: HeartbeatBody): SignIn | null {
  if (input === undefined) return null;
  const link = orRefuse(decodeAnonymousLink(input), "malformed-body");
  return {
    installation: app.hasher.hash("anonymous", link.anonymous),
    user: signedInUser(app, token, beats),
    link,
  };
}

function signedInUser({ hasher }: App, token: TokenSession | null, beats: unknown[]): UserHash {
  if (token?.owner.space === "user") return token.owner.user;
  const users = beats.map((beat) => userId.safeParse((beat as { user?: unknown } | null)?.user));
  const user = users.find((each) => each.success)?.data;
  if (user === undefined || token !== null) {
    throw new Refusal("malformed-body", "link: expected a beat of the signed-in user in the same request");
  }
  return hasher.hash("user", user);
}

function openIngest(
  { outboxes, facts, now }: SenderContext,
  { app, isVerified, token, role }: Sender,
  body: HeartbeatBody,
  leastWindows: number,
): Ingest {
  // A server may have something else to do than to wait.
  const windows = role === "secret" ? 0 : Math.max(leastWindows, gatherWindows[app.settings.resolution]);
  const rules = {
    now,
    maxAgeMs: maxBeatAgeMs,
    clockShiftMs: clockShiftMs(body.now, now),
    isLenient: true,
    isProven: isVerified,
    // A guess, which gives way to whoever knows better.
    isBot: !isVerified && !body.includeBots && isBot(facts.userAgent),
    facts: edgeFacts(facts, app.settings.dimensions, isVerified),
    owner: token?.owner ?? null,
  };
  const ingest = ingestFor(app, outboxes, rules, { token, hint: locationHint(facts.continent), windows });
  for (const name of body.ignored) ingest.ignored.note(name);
  return ingest;
}

/** Returns what was rejected: the first in words, and how many more there are. */
function addBeats(ingest: Ingest, beats: readonly unknown[]): { rejected: RejectedBeat[]; unlisted: number } {
  const rejected: RejectedBeat[] = [];
  let unlisted = 0;
  for (const [index, beat] of beats.entries()) {
    const error = ingest.add(beat);
    if (error === null) continue;
    if (rejected.length < maxListedRejections) rejected.push({ index, error });
    else unlisted++;
  }
  return { rejected, unlisted };
}

async function makeDurable({ app, token }: Sender, ingest: Ingest): Promise<void> {
  // The shard that takes the beats judges the token too, unless there are more shards than when it was issued.
  const shard = token && token.owner.user.shardHash % app.settings.shards;
  if (shard !== null && token?.useWith(shard) === null) await token.settle();
  await ingest.flush();
  await token?.settle();
}

/**
 * An installation is its first user's: whoever signs in there later doesn't take that one's past along. The link holds for as long
 * as anything is kept that was counted before. Returns whether there was room for it.
 */
async function joinUsers(
  { now }: SenderContext,
  { app, isVerified }: Sender,
  { installation, user, link }: SignIn,
  beat: TakenBeat | null,
): Promise<boolean> {
  const until = now + app.settings.retentionDays * dayMs + maxBeatAgeMs + dayMs;
  const claim = installationClaim(link, app.calendar, now, beat?.series.everyPeriod ?? [], isVerified);
  const change = { do: "link" as const, user: installation, to: user, onlyIfFree: true, until };
  const { refused } = await changeAlias(app, change, claim);
  return refused === undefined;
}

async function nextToken(
  token: TokenSession | null,
  isLogout: boolean,
  now: number,
): Promise<string | undefined> {
  if (isLogout) await token?.revoke();
  return isLogout ? undefined : token?.successor(now);
}
