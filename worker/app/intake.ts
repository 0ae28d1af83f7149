import { readCsv } from "../http/csv.ts";
import { readJson } from "../http/body.ts";
import { readNdjson } from "../http/ndjson.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { Refusals } from "../http/refusals.ts";
import { maxActivityJsonBytes, maxLineBytes } from "../limits.ts";
import { decodeActivity } from "../schemas/beat-schema.ts";
import { type BeatOfFields, readHeader } from "../schemas/csv-header.ts";
import type { Ingest } from "../ingest/ingest.ts";

/** Takes up a beat a line. */
export async function takeNdjson(body: AsyncIterable<Uint8Array>, intake: Intake): Promise<void> {
  for await (const lines of readNdjson(body, maxLineBytes)) {
    for (const read of lines) {
      if ("error" in read) intake.refusals.note(read.line, read.error);
      else intake.add(read.line, read.value);
      if (intake.isFull) await intake.flush();
    }
  }
}

/** Takes up a beat a record, of which the first one names the fields. */
export async function takeCsv(
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
      if (beat.ok) intake.add(record.line, beat.value);
      else intake.refusals.note(record.line, beat.error);
      if (intake.isFull) await intake.flush();
    }
  }
}

/** @param notJson says what would be right where the body is no JSON */
export async function takeJson(
  body: AsyncIterable<Uint8Array>,
  intake: Intake,
  notJson: string,
): Promise<void> {
  const json = await readJson(body, maxActivityJsonBytes, notJson);
  const { beats } = orRefuse(decodeActivity(json), "malformed-body");
  for (const [index, beat] of beats.entries()) {
    intake.add(index + 1, beat);
    if (intake.isFull) await intake.flush();
  }
}

/** Takes up beats one by one, and notes what is refused. Nothing waits for a turn unless there is something to wait for. */
export class Intake {
  readonly refusals = new Refusals();
  readonly #ingest: Ingest;
  #hadTime = false;

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  add(line: number, beat: unknown): void {
    const error = this.#missesTime(beat)
      ? "at: missing: earlier lines have it, and without it the beat would count now"
      : this.#ingest.add(beat);
    this.refusals.note(line, error);
  }

  /** Whether what was taken up is to be flushed before more is added. */
  get isFull(): boolean {
    return this.#ingest.isFull;
  }

  /** Resolves once all that was taken up is durable. */
  flush(): Promise<void> {
    return this.#ingest.flush();
  }

  /** A past whose times are missing here and there is not of now. What says how it came about is a sign of life, not a past. */
  #missesTime(beat: unknown): boolean {
    if (typeof beat !== "object" || beat === null) return false;
    const hasTime = Object.hasOwn(beat, "at");
    this.#hadTime ||= hasTime;
    return this.#hadTime && !hasTime && !Object.hasOwn(beat, "via");
  }
}
