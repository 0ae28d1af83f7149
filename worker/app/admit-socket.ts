import { Refusal } from "../http/problem.ts";
import { gateGatherWindows, maxHeartbeatBytes, socketLifeMs } from "../limits.ts";
import { admissionDigest } from "../live/admission.ts";
import type { CountedSocket } from "../live/socket.ts";
import { decodeHeartbeat, type HeartbeatBody } from "../schemas/beat-schema.ts";
import type { Result } from "../result.ts";
import { ok, refused } from "../result.ts";
import { orRefuse } from "../http/problem.ts";
import type { SenderContext } from "./route-context.ts";
import { takeHeartbeat } from "./take-heartbeat.ts";

/** A socket that may count, and the token that its client is to use from now on, where that was rotated. */
interface Admission {
  socket: CountedSocket;
  token: string | undefined;
}

/**
 * Judges a socket's first message as it would a heartbeat with one beat; resolves once that is durable. From here on
 * nobody's id is known. Throws a `Refusal`.
 *
 * @param context of the request that opened the socket; `now` is the beat's time
 */
export async function admitSocket(context: SenderContext, message: string | ArrayBuffer): Promise<Admission> {
  const body = orRefuse(decodeFirstMessage(message), "malformed-body");
  const { answer, sender, last } = await takeHeartbeat(context, body, gateGatherWindows);
  const { app } = sender;
  const { now } = context;
  if (last === null) {
    throw new Refusal("malformed-body", answer.rejected[0]?.error ?? "expected a beat that can be counted");
  }
  return {
    socket: {
      phase: "counted",
      app: app.name.app,
      user: last.user,
      series: last.series.everyPeriod,
      since: last.since,
      admission: admissionDigest(app.config),
      countedAt: now,
      readAt: now,
      closesAt: now + socketLifeMs.most - Math.random() * socketLifeMs.spread,
    },
    token: answer.token,
  };
}

/** A heartbeat's body with exactly one beat, which is one of now whatever it says itself. */
function decodeFirstMessage(message: string | ArrayBuffer): Result<HeartbeatBody> {
  if (typeof message !== "string") return refused("expected a text message");
  // No character takes less than a byte.
  if (message.length > maxHeartbeatBytes) return refused(`expected at most ${maxHeartbeatBytes} bytes`);
  let input: unknown;
  try {
    input = JSON.parse(message);
  } catch {
    // The parser's own words quote the input, which may hold somebody's id.
    return refused("expected JSON: the body of a heartbeat with one beat");
  }
  const body = decodeHeartbeat(input);
  if (!body.ok) return body;
  const [beat, ...others] = body.value.beats;
  if (typeof beat !== "object" || beat === null || others.length > 0) {
    return refused("expected the body of a heartbeat with one beat");
  }
  const { at: _, ...rest } = beat as { at?: unknown };
  return ok({ ...body.value, beats: [rest] });
}
