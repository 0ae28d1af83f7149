import type { ActivityResponse } from "../../sdk/wire.ts";
import { ingestFor } from "../app/ingest-for.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { checkEncoding, checkMediaType, jsonOrText, mediaType, readJson } from "../http/body.ts";
import { readCsv } from "../http/csv.ts";
import { unpacked } from "../http/gunzip.ts";
import { readNdjson } from "../http/ndjson.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { Refusals } from "../http/refusals.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { TimeUnit } from "../instant.ts";
import { dayMs, maxActivityJsonBytes, maxLineBytes } from "../limits.ts";
import { checkOnce, choiceIn } from "../query/members.ts";
import { type BeatOfFields, readHeader } from "../schemas/csv-header.ts";
import { decodeActivity } from "../schemas/beat-schema.ts";

const ndjson = [
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  // A file is sent as what it is, and what is in it is nowhere said.
  "application/gzip",
  "application/x-gzip",
];
const csv = "text/csv";
const notJson = `expected JSON in UTF-8; for a beat a line say so: content-type: ${ndjson[0]}, or ${csv}`;

/**
 * `POST /v1/activity`: activity from servers, as JSON or as a stream of NDJSON or CSV, packed by gzip or not. Answers once all of
 * it is durable.
 */
export async function postActivity({ request, url, app, now }: AppRouteContext): Promise<Response> {
  checkMediaType(request, [...jsonOrText, ...ndjson, csv]);
  const isSaidGzip = checkEncoding(request, ["gzip", "x-gzip"]) !== null;
  const { dimensions, retentionDays } = app.settings;
  const ingest = ingestFor(app, {
    now,
    maxAgeMs: retentionDays * dayMs,
    timeUnit: timeUnitIn(url.searchParams),
    // The request is a server's, so nothing else is derived from it.
    facts: { verified: "true" },
    isBot: false,
  });
  const intake = new Intake(ingest);
  const type = mediaType(request);
  const body = unpacked(request.body ?? [], isSaidGzip);
  try {
    if (type === csv) await takeCsv(body, dimensions, intake);
    else if (type !== null && ndjson.includes(type)) await takeNdjson(body, intake);
    else await takeJson(body, intake);
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
    const detail = `nothing was taken: line ${first?.line}: ${first?.error}`;
    throw new Refusal("nothing-accepted", detail, {}, { ...answer });
  }
  return Response.json(answer);
}

function timeUnitIn(query: URLSearchParams): TimeUnit {
  orRefuse(checkOnce(query), "invalid-query");
  if ([...query.keys()].some((name) => name !== "timeUnit")) {
    throw new Refusal("invalid-query", "expected nothing but timeUnit=ms or timeUnit=s");
  }
  return orRefuse(choiceIn(query, "timeUnit", ["ms", "s"]), "invalid-query");
}

async function takeNdjson(body: AsyncIterable<Uint8Array>, intake: Intake): Promise<void> {
  for await (const lines of readNdjson(body, maxLineBytes)) {
    for (const read of lines) {
      if ("error" in read) intake.refusals.note(read.line, read.error);
      else await intake.add(read.line, read.value);
    }
  }
}

async function takeCsv(
  body: AsyncIterable<Uint8Array>,
  dimensions: readonly string[],
  intake: Intake,
): Promise<void> {
  let beatOf: BeatOfFields | null = null;
  for await (const records of readCsv(body, maxLineBytes)) {
    for (const record of records) {
      if (beatOf === null) {
        const header =
          "error" in record
            ? { ok: false as const, error: record.error }
            : readHeader(record.fields, dimensions);
        if (!header.ok) throw new Refusal("malformed-body", `line ${record.line}: ${header.error}`);
        beatOf = header.value;
        continue;
      }
      const beat = "error" in record ? { ok: false as const, error: record.error } : beatOf(record.fields);
      if (beat.ok) await intake.add(record.line, beat.value);
      else intake.refusals.note(record.line, beat.error);
    }
  }
}

async function takeJson(body: AsyncIterable<Uint8Array>, intake: Intake): Promise<void> {
  const json = await readJson(body, maxActivityJsonBytes, notJson);
  const { beats } = orRefuse(decodeActivity(json), "malformed-body");
  for (const [index, beat] of beats.entries()) await intake.add(index + 1, beat);
}

/** Takes up beats one by one, and notes what is refused. */
class Intake {
  readonly refusals = new Refusals();
  readonly #ingest: Ingest;
  #hadTime = false;

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  async add(line: number, beat: unknown): Promise<void> {
    const error = this.#missesTime(beat)
      ? "at: expected, as earlier lines have it: without it the beat would be of now"
      : this.#ingest.add(beat);
    this.refusals.note(line, error);
    if (this.#ingest.isFull) await this.#ingest.flush();
  }

  /** A past whose times are missing here and there is not of now. What says how it came about is a sign of life, not a past. */
  #missesTime(beat: unknown): boolean {
    if (typeof beat !== "object" || beat === null) return false;
    const hasTime = Object.hasOwn(beat, "at");
    this.#hadTime ||= hasTime;
    return this.#hadTime && !hasTime && !Object.hasOwn(beat, "via");
  }
}
