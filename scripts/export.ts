import { appendFile, open, truncate } from "node:fs/promises";
import { runCommand, UsageError } from "./command-line.ts";
import { ProgressBar } from "./progress.ts";
import { reach, readPlace, refusalOf } from "./transfer.ts";

const newline = 10;

/** Where a file that was begun goes on: after its last whole line. */
async function resumeAt(file: string): Promise<{ cursor: string; lines: number; isWhole: boolean }> {
  let text: string;
  try {
    const handle = await open(file, "r");
    text = await handle.readFile("utf8");
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { cursor: "", lines: 0, isWhole: false };
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  await truncate(file, Buffer.byteLength(whole));
  const lines = whole.split("\n").slice(0, -1);
  const last = lines.at(-1);
  if (last === undefined) return { cursor: "", lines: 0, isWhole: false };
  const { cursor, part } = JSON.parse(last) as { cursor: string; part: { end?: unknown } };
  return { cursor, lines: lines.length, isWhole: part.end !== undefined };
}

await runCommand(async () => {
  const { app, url, keyFor, file } = await readPlace("export");
  const {
    cursor,
    lines: before,
    isWhole,
  } = file === undefined ? { cursor: "", lines: 0, isWhole: false } : await resumeAt(file);
  if (isWhole) throw new UsageError(`${file} is already complete: choose another file`);
  const response = await reach(url, `/v1/export?after=${cursor}`, {
    headers: { authorization: `Bearer ${await keyFor(0)}` },
  });
  if (!response.ok || response.body === null) throw await refusalOf(response);
  // How much is to come is known to nobody: the app lives on while it is exported.
  const bar = new ProgressBar(`export of ${app}`, process.stderr);
  let lines = before;
  for await (const chunk of response.body) {
    if (file === undefined) process.stdout.write(chunk);
    else await appendFile(file, chunk);
    for (const byte of chunk) if (byte === newline) lines++;
    bar.show(null, `${lines} lines`);
  }
  bar.end(`${lines} lines`);
});
