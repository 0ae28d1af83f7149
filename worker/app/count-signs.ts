import { appContext } from "./apps.ts";
import type { Env } from "../env.ts";
import { ingestFor } from "./ingest-for.ts";
import { cohorts } from "../ingest/beat-series.ts";
import { maxBeatAgeMs } from "../limits.ts";
import { admissionDigest } from "../live/admission.ts";
import type { CountedSocket } from "../live/socket.ts";

/** When the user of a socket was active. */
export interface Signs {
  socket: CountedSocket;
  /** Unix milliseconds. */
  times: readonly number[];
}

/** Counts the signs of life of one app's sockets; resolves, with the digest of its settings, once they are durable. */
export async function countSigns(
  env: Env,
  app: string,
  signs: readonly Signs[],
  now: number,
): Promise<number> {
  const context = await appContext(env, app, now);
  const ingest = ingestFor(env, context, { now, maxAgeMs: maxBeatAgeMs, facts: {}, isBot: false });
  for (const { socket, times } of signs) {
    const { user, live, since } = socket;
    for (const at of times) {
      const daily = since === undefined ? [] : cohorts(since, at, context.calendar);
      ingest.addTaken(user, at, { live, daily });
    }
  }
  await ingest.flush();
  return admissionDigest(context.config.settings);
}
