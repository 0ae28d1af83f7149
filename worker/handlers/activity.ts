import type { ActivityResponse } from "../../sdk/wire.ts";
import { ingestFor } from "../app/ingest-for.ts";
import { Intake, takeCsv, takeJson, takeNdjson } from "../app/intake.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { checkEncoding, checkMediaType, jsonOrText, mediaType } from "../http/body.ts";
import { unpacked } from "../http/gunzip.ts";
import { ndjsonTypes } from "../http/ndjson.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import type { TimeUnit } from "../instant.ts";
import { dayMs } from "../limits.ts";
import { checkOnce, choiceIn } from "../query/members.ts";

const csv = "text/csv";
const notJson = `expected JSON in UTF-8; for one beat a line, set content-type: ${ndjsonTypes[0]}, or ${csv}`;

/**
 * `POST /v1/activity`: activity from servers, as JSON or as a stream of NDJSON or CSV, packed by gzip or not. Answers once all of
 * it is durable.
 */
export async function postActivity({ request, url, app, outboxes, now }: AppRouteContext): Promise<Response> {
  checkMediaType(request, [...jsonOrText, ...ndjsonTypes, csv]);
  const isSaidGzip = checkEncoding(request, ["gzip", "x-gzip"]) !== null;
  const { dimensions, retentionDays } = app.settings;
  const ingest = ingestFor(app, outboxes, {
    now,
    maxAgeMs: retentionDays * dayMs,
    timeUnit: timeUnitIn(url.searchParams),
    // The request is a server's, so nothing else is derived from it.
    facts: { verified: "true" },
    isBot: false,
    isProven: true,
  });
  const intake = new Intake(ingest);
  const type = mediaType(request);
  const body = unpacked(request.body ?? [], isSaidGzip);
  try {
    if (type === csv) await takeCsv(body, dimensions, intake);
    else if (type !== null && ndjsonTypes.includes(type)) await takeNdjson(body, intake);
    else await takeJson(body, intake, notJson);
    await ingest.flush();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // What came before the failure stays; sending everything again changes nothing.
    throw new Refusal(error.reason, error.detail, error.headers, { accepted: ingest.accepted });
  }
  const answer: ActivityResponse = {
    accepted: ingest.accepted,
    rejected: intake.refusals.count,
    errors: intake.refusals.listed,
    ...ingest.ignored.toMember(),
  };
  if (answer.accepted === 0 && answer.rejected > 0) {
    const [first] = answer.errors;
    const detail = `nothing was accepted: line ${first?.line}: ${first?.error}`;
    throw new Refusal("nothing-accepted", detail, {}, { ...answer });
  }
  return Response.json(answer);
}

function timeUnitIn(query: URLSearchParams): TimeUnit {
  orRefuse(checkOnce(query), "invalid-query");
  if ([...query.keys()].some((name) => name !== "timeUnit")) {
    throw new Refusal("invalid-query", "expected no parameters but timeUnit=ms or timeUnit=s");
  }
  return orRefuse(choiceIn(query, "timeUnit", ["ms", "s"]), "invalid-query");
}
