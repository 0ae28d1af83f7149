import type { Env } from "../env.ts";
import { takeHeartbeat } from "../handlers/heartbeat.ts";
import { maxHeartbeatBytes, socketLifeMs } from "../limits.ts";
import { Refusal } from "../http/problem.ts";
import { admissionDigest } from "../live/admission.ts";
import type { CountedSocket, KeptRequest } from "../live/socket.ts";

/** A socket that may count, and the token that its client is to use from now on, where that was rotated. */
interface Admission {
  socket: CountedSocket;
  token: string | undefined;
}

/**
 * Judges a socket's first message as it would a heartbeat with one beat; resolves once that is durable. From here on
 * nobody's id is known. Throws a `Refusal`.
 * @param now Unix milliseconds; the beat's time, whatever it says itself
 */
export async function admit(
  env: Env,
  kept: KeptRequest,
  message: string | ArrayBuffer,
  now: number,
): Promise<Admission> {
  const body = readMessage(message);
  const beats = [{ ...body.beats[0], at: now }];
  const request = new Request("https://gate/v1/live", kept);
  const { answer, context, last } = await takeHeartbeat({ request, env, now }, { ...body, beats });
  if (last === null) {
    throw new Refusal("malformed-body", answer.rejected[0]?.error ?? "expected a beat that counts");
  }
  return {
    socket: {
      phase: "counted",
      app: context.name.app,
      user: last.user,
      live: last.series.live,
      since: last.since,
      admission: admissionDigest(context.config.settings),
      countedAt: now,
      readAt: now,
      closesAt: now + socketLifeMs.most - Math.random() * socketLifeMs.spread,
    },
    token: answer.token,
  };
}

/** A heartbeat's body with exactly one beat. */
function readMessage(message: string | ArrayBuffer): { beats: [object] } {
  if (typeof message !== "string") throw new Refusal("malformed-body", "expected a text message");
  // No character takes less than a byte.
  if (message.length > maxHeartbeatBytes) {
    throw new Refusal("body-too-large", `expected at most ${maxHeartbeatBytes} bytes`);
  }
  let body: { beats?: unknown } | null;
  try {
    body = JSON.parse(message);
  } catch {
    // The parser's own words quote the input, which may hold somebody's id.
    throw new Refusal("malformed-body", "expected JSON: the body of a heartbeat with one beat");
  }
  const beats = body?.beats;
  if (!Array.isArray(beats) || beats.length !== 1 || typeof beats[0] !== "object" || beats[0] === null) {
    throw new Refusal("malformed-body", "expected the body of a heartbeat with one beat");
  }
  return body as { beats: [object] };
}
