import type { Env } from "../env.ts";
import { takeHeartbeat } from "../handlers/heartbeat.ts";
import { beatSeries } from "../ingest/beat-series.ts";
import { decodeBeat } from "../ingest/beat.ts";
import { maxBeatAgeMs, maxHeartbeatBytes, socketLifeMs } from "../limits.ts";
import { Refusal } from "../problem.ts";
import { admissionDigest } from "./admission.ts";
import type { CountedSocket, KeptRequest } from "./socket.ts";

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
  const beat = { ...body.beats[0], at: now };
  const request = new Request("https://gate/v1/live", kept);
  const { answer, context, facts } = await takeHeartbeat(env, request, { ...body, beats: [beat] }, now);
  const [refused] = answer.rejected;
  if (refused !== undefined) throw new Refusal("malformed-body", refused.error);

  const { settings } = context.config;
  const decoded = decodeBeat(beat, now, maxBeatAgeMs);
  if (!decoded.ok) throw new Refusal("malformed-body", decoded.error);
  const series = beatSeries(decoded.value, settings.dimensions, facts, context.calendar);
  if (!series.ok) throw new Refusal("malformed-body", series.error);
  return {
    socket: {
      phase: "counted",
      app: context.name.app,
      user: context.hasher.hash(decoded.value.space, decoded.value.id),
      live: series.value.live,
      since: decoded.value.since,
      admission: admissionDigest(settings),
      countedAt: now,
      readAt: now,
      closesAt: now + socketLifeMs.most - Math.random() * socketLifeMs.spread,
    },
    token: (answer as { token?: string }).token,
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
