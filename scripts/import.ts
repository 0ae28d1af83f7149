import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { RevisionChange } from "../worker/counting/key-revisions.ts";
import { readNdjson } from "../worker/http/ndjson.ts";
import { maxExportLineBytes } from "../worker/limits.ts";
import { decodeLine, encodeLine } from "../worker/transfer/export-line.ts";
import { runCommand, UsageError } from "./command-line.ts";
import { ProgressBar } from "./progress.ts";
import { type Place, postLines, readPlace, refusalOf } from "./transfer.ts";

/** Characters that are sent at once: far below what a proxy takes, and little to send again. */
const pieceLength = 4 * 1024 * 1024;

/** A piece of an export, which is an export itself: head and end are those of the whole. */
interface Piece {
  body: string;
  lastLine: number;
  /** Characters of the whole that have been read so far. */
  read: number;
  /** The highest revision of keys that it tells of: once it is taken, those before are retired. */
  revision: number;
}

async function* piecesOf(source: Readable, fromLine: number): AsyncGenerator<Piece> {
  let head: string | null = null;
  let isOpen = false;
  let lines: string[] = [];
  let length = 0;
  let [lastLine, read, revision] = [0, 0, 0];
  const take = (): Piece => {
    const body = `${head}\n${lines.join("\n")}\n${encodeLine({ end: true }, "")}`;
    lines = [];
    length = 0;
    return { body, lastLine, read, revision };
  };
  for await (const some of readNdjson(Readable.toWeb(source) as ReadableStream, maxExportLineBytes)) {
    for (const line of some) {
      const part = "error" in line ? { ok: false as const, error: line.error } : decodeLine(line.value);
      if (!part.ok) throw new UsageError(`line ${line.line}: ${part.error}`);
      if ("settings" in part.value) revision = Math.max(revision, highest(part.value.settings));
      const text = JSON.stringify((line as { value: unknown }).value);
      const isHead = "head" in part.value;
      if (lines.length > 0 && (isHead || length + text.length > pieceLength)) yield take();
      lastLine = line.line;
      read += text.length + 1;
      if (isHead) head = text;
      else if (!isOpen) throw new UsageError(`line ${lastLine}: expected the head of an export first`);
      isOpen = !("end" in part.value);
      if (isHead || !isOpen || lastLine < fromLine) continue;
      lines.push(text);
      length += text.length;
    }
  }
  if (lines.length > 0) yield take();
  if (head !== null && !isOpen) return;
  throw new UsageError(
    `the export is incomplete: it ends after line ${lastLine}. The lines so far are imported; to resume, run the export again with the same file`,
  );
}

function highest({ keyRevision = 0, keyRevisions = {} }: RevisionChange): number {
  return Math.max(keyRevision, ...Object.values(keyRevisions));
}

/** Sends a piece. Returns how many parts were taken. */
async function send({ url, keyFor, withSettings }: Place, { body, revision }: Piece): Promise<number> {
  const response = await postLines(
    `${url}/v1/import${withSettings ? "?settings=1" : ""}`,
    await keyFor(revision),
    body,
  );
  if (!response.ok) throw await refusalOf(response);
  return ((await response.json()) as { imported: number }).imported;
}

await runCommand(async () => {
  const place = await readPlace("import");
  const { app, file, fromLine } = place;
  let size: number | null = null;
  if (file !== undefined) {
    ({ size } = await stat(file).catch((error: Error) => {
      throw new UsageError(`${file}: ${error.message}`);
    }));
  }
  const source = file === undefined ? process.stdin : createReadStream(file);
  const bar = new ProgressBar(`import of ${app}`, process.stderr);
  let [imported, taken] = [0, 0];
  try {
    for await (const piece of piecesOf(source, fromLine)) {
      imported += await send(place, piece);
      taken = piece.lastLine;
      bar.show(size === null ? null : piece.read / size, `${imported} parts`);
    }
  } catch (error) {
    if (!(error instanceof UsageError) || taken === 0) throw error;
    throw new UsageError(
      `${error.message} (everything up to line ${taken} is imported: resume with --from ${taken + 1})`,
    );
  }
  bar.end(`${imported} parts`);
});
