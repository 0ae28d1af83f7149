import { readLines } from "./lines.ts";

/** The media types by which NDJSON goes. */
export const ndjsonTypes: readonly string[] = [
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  // A file is sent as what it is, and what is in it is nowhere said.
  "application/gzip",
  "application/x-gzip",
];

/** A line with its number, counted from 1: a value, or in words why there is none. */
export type NumberedLine = { line: number } & ({ value: unknown } | { error: string });

/**
 * Reads NDJSON from a stream of any length in memory bounded by one chunk and one line. Blank lines are passed
 * over but counted. A line that is too long, not UTF-8 or not JSON gives an error and the next one is read.
 */
export async function* readNdjson(
  body: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<NumberedLine[]> {
  for await (const lines of readLines(body, maxLineBytes)) {
    yield lines.flatMap((read) => {
      if ("error" in read) return read;
      const text = read.text.trim();
      if (text === "") return [];
      try {
        return { line: read.line, value: JSON.parse(text) as unknown };
      } catch {
        // The parser's own words quote the input, which may hold somebody's id.
        return { line: read.line, error: "not JSON: expected one beat on each line" };
      }
    });
  }
}
