import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ActivityResponse } from "../sdk/wire.ts";
import type { Settings } from "../worker/counting/app-settings.ts";
import { appPattern } from "../worker/app/keys.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { defaultDataDir } from "./data-folder.ts";
import { typed } from "./installation.ts";
import { ProgressBar } from "./progress.ts";
import { seenInCsv } from "./seen/csv.ts";
import { seenInProsody } from "./seen/prosody.ts";
import type { SeenSource } from "./seen/seen.ts";
import { seenInSuperTokens } from "./seen/supertokens.ts";
import { defaultUrl, ownKeys, postLines, reach, refusalOf } from "./transfer.ts";

const usage = `${typed("import-seen")} APP --from supertokens|prosody|csv FILE [--url ${defaultUrl}] [--key hc_secret_…] [--data DIR] [--retention DAYS] [--line LINE] [--seconds] [--supertokens-app public]`;

const peopleAtOnce = 10_000;
const listedRefusals = 20;

interface Person {
  line: number;
  user: string;
  at: number;
}

/** What came of what was read. */
class Outcome {
  taken = 0;
  left = 0;
  refused = 0;
  /** All lines up to this one are done with. */
  line = 0;
  readonly complaints: string[] = [];

  refuse(line: number, error: string): void {
    this.refused++;
    if (this.complaints.length < listedRefusals) this.complaints.push(`line ${line}: ${error}`);
  }

  /** Says on standard error what was refused. */
  report(): void {
    const more = this.refused - this.complaints.length;
    const lines = more > 0 ? [...this.complaints, `and ${more} more`] : this.complaints;
    for (const line of lines) process.stderr.write(`  ${line}\n`);
  }

  get words(): string {
    const left = this.left > 0 ? `, ${this.left} left out` : "";
    return `${this.taken} people${left}${this.refused > 0 ? `, ${this.refused} refused` : ""}`;
  }
}

function readOptions() {
  const { values, positionals } = readCommandLine(
    {
      from: { type: "string" },
      url: { type: "string", default: defaultUrl },
      key: { type: "string" },
      data: { type: "string", default: defaultDataDir },
      retention: { type: "string" },
      line: { type: "string", default: "1" },
      seconds: { type: "boolean", default: false },
      "supertokens-app": { type: "string", default: "public" },
    },
    usage,
    true,
  );
  const [app = "", file, ...rest] = positionals;
  if (!appPattern.test(app) || file === undefined || rest.length > 0) {
    throw new UsageError(`expected an app and a file. Usage: ${usage}`);
  }
  for (const name of ["line", "retention"] as const) {
    if (!/^[1-9][0-9]{0,9}$/.test(values[name] ?? "1")) throw new UsageError(`--${name}: expected a number`);
  }
  const { from } = values;
  if (from !== "supertokens" && from !== "prosody" && from !== "csv") {
    throw new UsageError(`--from: expected supertokens, prosody or csv. Usage: ${usage}`);
  }
  return { ...values, from, app, file, url: values.url.replace(/\/$/, "") };
}

type Options = ReturnType<typeof readOptions>;

async function keyFor({ key, data, url, app }: Options): Promise<string> {
  return key ?? (await ownKeys(data, url, app))(0);
}

/** Raises what has to be before the first person is sent: nothing of the past may read as exact meanwhile. */
async function prepare({ url, retention }: Options, key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const ask = async (init: RequestInit): Promise<Settings> => {
    const response = await reach(url, "/v1/settings", { ...init, headers });
    if (!response.ok) throw await refusalOf(response);
    return (await response.json()) as Settings;
  };
  const { retentionDays } = await ask({});
  const body = {
    lastSeenUntil: Date.now(),
    retentionDays: Math.max(retentionDays, Number(retention ?? 0)),
  };
  await ask({ method: "PUT", body: JSON.stringify(body) });
}

async function open({ from, file, seconds, "supertokens-app": ofApp }: Options): Promise<{
  source: SeenSource;
  /** From 0 to 1, after so many lines. */
  share: (line: number) => number;
}> {
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`${file}: ${error.message}`);
  });
  if (found.isDirectory() !== (from === "prosody")) {
    throw new UsageError(`${file}: expected a ${from === "prosody" ? "folder" : "file"}`);
  }
  if (from === "prosody") {
    let files = 0;
    return { source: seenInProsody(file, (all) => (files = all)), share: (line) => line / files };
  }
  const bytes = createReadStream(file);
  const source = from === "csv" ? seenInCsv(bytes, seconds ? "s" : "ms") : seenInSuperTokens(bytes, ofApp);
  return { source, share: () => bytes.bytesRead / found.size };
}

async function send(
  { url }: Options,
  key: string,
  people: readonly Person[],
  outcome: Outcome,
): Promise<void> {
  if (people.length === 0) return;
  const body = people.map(({ user, at }) => JSON.stringify({ user, at })).join("\n");
  const response = await postLines(`${url}/v1/activity`, key, body);
  // Where every line is refused it says so as a refusal, with the same members.
  const isTold = response.ok || response.status === 422;
  if (!isTold) throw await refusalOf(response);
  const { accepted, rejected, errors } = (await response.json()) as ActivityResponse;
  outcome.taken += accepted;
  for (const { line, error } of errors) outcome.refuse(people[line - 1]?.line ?? line, error);
  outcome.refused += rejected - errors.length;
}

await runCommand(async () => {
  const options = readOptions();
  const { source, share } = await open(options);
  const key = await keyFor(options);
  const outcome = new Outcome();
  const bar = new ProgressBar(`import of ${options.app}`, process.stderr);
  const firstLine = Number(options.line);
  let people: Person[] = [];
  let lastLine = 0;
  let isPrepared = false;
  const flush = async () => {
    // What holds nobody changes nothing.
    if (people.length > 0 && !isPrepared) {
      await prepare(options, key);
      isPrepared = true;
    }
    await send(options, key, people, outcome);
    people = [];
    outcome.line = lastLine;
    bar.show(share(lastLine), outcome.words);
  };
  try {
    for await (const { line, ...read } of source) {
      lastLine = line;
      if (line < firstLine) continue;
      if (!read.ok) outcome.refuse(line, read.error);
      else if (read.value === null) outcome.left++;
      else people.push({ line, ...read.value });
      if (people.length === peopleAtOnce) await flush();
    }
    await flush();
  } catch (error) {
    if (!(error instanceof UsageError) || outcome.line === 0) throw error;
    outcome.report();
    throw new UsageError(
      `${error.message} (everything up to line ${outcome.line} is imported: resume with --line ${outcome.line + 1})`,
    );
  }
  if (lastLine === 0) {
    const expected = options.from === "csv" ? "a user and a time" : "the table user_last_active";
    throw new UsageError(`${options.file}: nobody is in it. Expected lines with ${expected}`);
  }
  bar.end(outcome.words);
  outcome.report();
  if (outcome.refused > 0) process.exitCode = 1;
});
