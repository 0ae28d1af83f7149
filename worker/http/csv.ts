import { ok, refused, type Result } from "../result.ts";
import { type NumberedText, readLines, type RecordEnds } from "./lines.ts";

/** A record of CSV, with the number of its first line counted from 1: its fields, or in words why there are none. */
export type NumberedFields = { line: number } & ({ fields: string[] } | { error: string });

const [newline, quote, comma] = [10, 34, 44];

/**
 * Reads CSV (RFC 4180) from a stream of any length in memory bounded by one chunk and one record. Quoted fields may hold commas,
 * newlines and doubled quotes; lines end in LF or CRLF. Blank lines are passed over but counted. A record that can't
 * be read gives an error and the next one is read.
 */
export async function* readCsv(
  body: AsyncIterable<Uint8Array>,
  maxRecordBytes: number,
): AsyncGenerator<NumberedFields[]> {
  for await (const records of readLines(body, maxRecordBytes, new QuotedEnds())) {
    yield records.flatMap((record) => {
      if ("error" in record) return record;
      const fields = fieldsOf(record);
      if (!fields.ok) return { line: record.line, error: fields.error };
      return fields.value === null ? [] : { line: record.line, fields: fields.value };
    });
  }
}

/** Ends of records where a newline between quotes ends none. */
class QuotedEnds implements RecordEnds {
  readonly hint = ": is a quote left open?";
  lines = 0;
  #seen = 0;
  #isQuoted = false;
  /** Whether a quote here would open a quoted field. */
  #atStart = true;

  find(chunk: Uint8Array, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index];
      if (byte === newline) this.#seen++;
      if (byte === quote && (this.#isQuoted || this.#atStart)) this.#isQuoted = !this.#isQuoted;
      // After a quote that closes a field another one doubles it, and goes on.
      this.#atStart = byte === comma || byte === newline || (byte === quote && !this.#isQuoted);
      if (byte === newline && !this.#isQuoted) {
        this.lines = this.#seen;
        this.#seen = 0;
        return index;
      }
    }
    // Where the text ends here, the record does too.
    this.lines = this.#seen;
    return -1;
  }

  giveUp(): void {
    this.#isQuoted = false;
  }
}

/** The fields of a record; null where it is blank. */
function fieldsOf({ text }: Extract<NumberedText, { text: string }>): Result<string[] | null> {
  const record = text.endsWith("\r") ? text.slice(0, -1) : text;
  if (record.trim() === "") return ok(null);
  if (!record.includes('"')) return ok(record.split(","));
  const fields: string[] = [];
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;
  for (let end: string | undefined = ","; end !== "";) {
    const [whole, quoted, plain = "", after] = field.exec(record) ?? [];
    if (whole === undefined)
      return refused("quotes: expected quotes around the whole field, and doubled inside it");
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    end = after;
  }
  return ok(fields);
}
