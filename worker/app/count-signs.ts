import { cohorts } from "../ingest/first-seen.ts";
import { maxBeatAgeMs } from "../limits.ts";
import { admissionDigest } from "../live/admission.ts";
import type { CountedSocket } from "../live/socket.ts";
import type { App } from "./app.ts";
import { ingestFor } from "./ingest-for.ts";
import type { Outboxes } from "./outboxes.ts";

/** When the user of a socket was active. */
export interface Signs {
  socket: CountedSocket;
  /** Unix milliseconds. */
  times: readonly number[];
}

/** Counts the signs of life of one app's sockets; resolves, with the digest of its settings, once they are durable. */
export async function countSigns(
  app: App,
  outboxes: Outboxes,
  signs: readonly Signs[],
  now: number,
): Promise<number> {
  const ingest = ingestFor(app, outboxes, {
    now,
    maxAgeMs: maxBeatAgeMs,
    facts: {},
    isBot: false,
    isProven: false,
  });
  for (const { socket, times } of signs) {
    const { user, series, since } = socket;
    for (const at of times) {
      const dayOnly = since === undefined ? [] : cohorts(since, at, app.calendar);
      ingest.addTaken(user, at, { everyPeriod: series, dayOnly });
    }
  }
  await ingest.flush();
  return admissionDigest(app.config);
}
