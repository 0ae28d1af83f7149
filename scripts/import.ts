import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { runCommand, UsageError } from "./command-line.ts";
import { progress, readPlace, refusalOf } from "./transfer.ts";

await runCommand(async () => {
  const { app, url, key, file, withSettings } = await readPlace("import");
  const size =
    file === undefined
      ? null
      : (
          await stat(file).catch((error: Error) => {
            throw new UsageError(`${file}: ${error.message}`);
          })
        ).size;
  const source = file === undefined ? process.stdin : createReadStream(file);
  let sent = 0;
  source.on("data", (chunk: Buffer) => {
    sent += chunk.length;
    progress(size === null ? `${sent} bytes` : `${Math.floor((100 * sent) / Math.max(1, size))} % of ${app}`);
  });
  const response = await fetch(`${url}/v1/import${withSettings ? "?settings=1" : ""}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body: Readable.toWeb(source) as ReadableStream,
    duplex: "half",
  } as RequestInit).catch((error: Error) => {
    throw new UsageError(`${url} can't be reached: ${error.message}`);
  });
  if (!response.ok) throw await refusalOf(response);
  const { imported } = (await response.json()) as { imported: number };
  process.stderr.write(`${process.stderr.isTTY ? "\r" : ""}${imported} parts of ${app} imported\n`);
});
