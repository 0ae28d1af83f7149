import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { request } from "node:http";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { UsageError } from "./command-line.ts";

/** A running engine. */
export interface Engine {
  /** The port it listens on. */
  port: number;
  /** Resolves with the exit code, or the name of the signal, once it has ended. */
  ended: Promise<number | string>;
  /** Asks it to end: it closes its sockets, finishes what it answers, and goes; after `graceMs` it is made to. */
  stop(graceMs?: number): void;
  /** Has it refuse this share of reports, 0 to 1, from now on. */
  refuse(share: number): Promise<void>;
}

export interface EngineOptions {
  /** What starts it, up to its options. */
  command: readonly string[];
  host: string;
  /** 0 for any free port. */
  port: number;
  dataDir: string;
  secret: string;
  /** Ids of roll-ups that are to be refused, since their files were lost. */
  lost: readonly string[];
  /** Whether what was lost is to begin anew. */
  acceptLoss: boolean;
}

/** The engine waits for every connection; one whose other end is gone without a word would hold it up for ever. */
const stopGraceMs = 5000;

/**
 * Ends the engine when whoever started it is gone, even by kill -9: the guard reads a pipe that nobody writes
 * to and that closes with its starter.
 */
const guard = `
exec 4<&0
"$@" 0</dev/null 4<&- &
engine=$!
# Ctrl-C reaches the whole group; whoever started it stops it in good order.
trap '' INT
trap 'kill -TERM $engine 2>/dev/null' TERM
# Whoever stops a service may send its signal to the whole group: this one is needed to the end.
{ trap '' INT TERM HUP; while read -r _ <&4; do :; done; kill -KILL $engine 2>/dev/null; } 3>&- >/dev/null 2>&1 &
guard=$!
exec 3>&-
while kill -0 $engine 2>/dev/null; do wait $engine; code=$?; done
kill -KILL $guard 2>/dev/null
exit $code
`;

/** Starts workerd with the Worker. Rejects with a `UsageError` when it can't listen or open its data. */
export async function startEngine({
  command,
  host,
  port,
  dataDir,
  secret,
  lost,
  acceptLoss,
}: EngineOptions): Promise<Engine> {
  const control = join(dataDir, "control");
  // One that was killed leaves it behind.
  rmSync(control, { force: true });
  const engineArgs = [
    `--socket-addr=http=${host.includes(":") ? `[${host}]` : host}:${port}`,
    // Relative to the data folder: the name of a socket has room for some hundred characters.
    "--socket-addr=control=unix:control",
    `--directory-path=data=${join(dataDir, "objects")}`,
    "--control-fd=3",
  ];
  const child = spawn("sh", ["-c", guard, "headcount-engine", ...command, ...engineArgs], {
    cwd: dataDir,
    stdio: ["pipe", "inherit", "pipe", "pipe"],
    env: {
      ...process.env,
      HEADCOUNT_SECRET: secret,
      HEADCOUNT_LOST_ROLLUPS: lost.join(","),
      HEADCOUNT_ACCEPT_LOSS: acceptLoss ? "1" : "",
    },
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      rmSync(control, { force: true });
      resolve(code ?? signal ?? "unknown");
    });
  });
  const said: string[] = [];
  (child.stderr as Readable).on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    if (said.length < 20) said.push(chunk.toString());
  });
  const listening = await Promise.race([
    listeningPort(child),
    ended.then((code) => {
      throw new UsageError(`the engine did not start (${code})${said.length > 0 ? ", see above" : ""}`);
    }),
  ]);
  // The name of a socket has room for some hundred characters.
  const socketPath = relative(process.cwd(), control);
  let isStopping = false;
  const stop = (graceMs = stopGraceMs) => {
    if (isStopping) return;
    isStopping = true;
    // The guard kills what is left when its pipe closes.
    const overdue = setTimeout(() => child.stdin?.destroy(), graceMs);
    void ended.then(() => clearTimeout(overdue));
    void order(socketPath, "/close").then(() => child.kill("SIGTERM"));
  };
  const refuse = (share: number) => order(socketPath, `/refuse?share=${share}`);
  return { port: listening, ended, stop, refuse };
}

/** Asks something of the engine; resolves also where that failed. */
function order(control: string, path: string): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: control, method: "POST", path, agent: false }, (answer) => {
      answer.resume().once("close", resolve);
    });
    asked.once("error", () => resolve());
    asked.end();
  });
}

/** The port that the engine reports on its control pipe. */
async function listeningPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const message = JSON.parse(line) as { event: string; socket?: string; port?: number };
    if (message.event === "listen" && message.socket === "http" && message.port !== undefined)
      return message.port;
  }
  // The pipe has closed: the engine's end says why.
  return new Promise(() => {});
}
