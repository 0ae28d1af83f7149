import type { ActivityResponse } from "../../sdk/wire.ts";
import { ingestFor } from "../app/ingest-for.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { checkMediaType, mediaType, readBody } from "../http/body.ts";
import { readNdjson } from "../http/ndjson.ts";
import { Refusal } from "../http/problem.ts";
import { Refusals } from "../http/refusals.ts";
import type { Ingest } from "../ingest/ingest.ts";
import { dayMs, maxActivityJsonBytes, maxLineBytes } from "../limits.ts";
import { decodeActivity } from "../schemas/beat-schema.ts";

const json = "application/json";
const ndjson = "application/x-ndjson";

/** `POST /v1/activity`: activity from servers, as JSON or as a stream of NDJSON. Answers once all of it is durable. */
export async function postActivity({ request, app, now }: AppRouteContext): Promise<Response> {
  checkMediaType(request, [json, ndjson]);
  const ingest = ingestFor(app, {
    now,
    maxAgeMs: app.settings.retentionDays * dayMs,
    // The request is a server's, so nothing else is derived from it.
    facts: { verified: "true" },
    isBot: false,
  });
  const refusals = new Refusals();
  try {
    if (mediaType(request) === ndjson) await takeStream(request, ingest, refusals);
    else await takeJson(request, ingest, refusals);
    await ingest.flush();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // What came before the failure stays; sending everything again changes nothing.
    throw new Refusal(error.reason, error.detail, error.headers, { accepted: ingest.accepted });
  }
  return Response.json({
    accepted: ingest.accepted,
    rejected: refusals.count,
    errors: refusals.listed,
  } satisfies ActivityResponse);
}

async function takeStream(request: Request, ingest: Ingest, refusals: Refusals): Promise<void> {
  if (request.body === null) return;
  for await (const lines of readNdjson(request.body, maxLineBytes)) {
    for (const read of lines) {
      refusals.note(read.line, "error" in read ? read.error : ingest.add(read.value));
      if (ingest.isFull) await ingest.flush();
    }
  }
}

async function takeJson(request: Request, ingest: Ingest, refusals: Refusals): Promise<void> {
  const rules = { types: [json], maxBytes: maxActivityJsonBytes, decode: decodeActivity };
  const { beats } = await readBody(request, rules);
  for (const [index, beat] of beats.entries()) refusals.note(index + 1, ingest.add(beat));
}
