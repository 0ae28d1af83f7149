import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readCommandLine, UsageError } from "./command-line.ts";
import { type AppKeys, keysOf, lockDataDir, openDataDir, readSecret } from "./data-folder.ts";
import { holdDataDir, isEngineThere } from "./holder.ts";
import { engineCommand } from "./installation.ts";
import { revisionsAt } from "./key-revisions.ts";
import { lostRollups, noteRollups } from "./known-rollups.ts";
import { startKeptEngine } from "./kept-engine.ts";
import { watchPressure } from "./pressure.ts";

/** A server that was killed just now may need a moment to let go of its port and its data. */
const graceMs = 3000;
const npmWatchMs = 250;

/** Where to listen and where the data are, as the command line says. */
export interface ServeOptions {
  port: number;
  host: string;
  data: string;
  /** Whether figures that were lost, and of which there is no backup, are to begin anew. */
  acceptLoss: boolean;
}

/** A server that has answered. */
export interface Served {
  url: string;
  /** The keys of the app `demo`. */
  keys: AppKeys;
  dataDir: string;
  /** Whether the secret was made just now. */
  isNewSecret: boolean;
  /** Asks it to end, as SIGINT, SIGTERM and the end of npm do. */
  stop(): void;
  /** Aborted as soon as it is asked to end. */
  stopping: AbortSignal;
  /** Resolves once it has ended as asked; rejects with a `UsageError` when it ended by itself. */
  ended: Promise<void>;
}

/** Reads `--port`, `--host` and `--data`. */
export function readServeOptions(defaults: { data: string }, usage: string): ServeOptions {
  const { values } = readCommandLine(
    {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      data: { type: "string", default: defaults.data },
      "accept-loss": { type: "boolean", default: false },
    },
    usage,
  );
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port: expected a number from 0 to 65535, 0 for any free one. Usage: ${usage}`);
  }
  return { port, host: values.host, data: values.data, acceptLoss: values["accept-loss"] };
}

/** Serves everything, built anew where it is run from the repository. Rejects with a `UsageError` when it can't listen or open its data. */
export async function serve({ port, host, data, acceptLoss }: ServeOptions): Promise<Served> {
  const dataDir = await openDataDir(data);
  const lock = await within(graceMs, async () =>
    (await isEngineThere(dataDir)) ? null : lockDataDir(dataDir),
  );
  if (lock === null) {
    throw new UsageError(
      `the data folder ${dataDir} is in use by another start: stop that one, or choose another folder with --data`,
    );
  }
  const obstacle = await within(graceMs, async () =>
    (await whyNotListen(host, port)) === null ? true : null,
  );
  if (obstacle === null) {
    throw new UsageError(
      `can't listen on ${host}:${port} (${await whyNotListen(host, port)}): choose another with --port or --host`,
    );
  }

  const { secret, isNew: isNewSecret } = await readSecret(dataDir);
  const command = await engineCommand();
  const over = new AbortController();
  const stopping = new AbortController();
  const taken = await holdDataDir(dataDir, over.signal);
  const lost = acceptLoss ? [] : lostRollups(dataDir);
  noteRollups(dataDir, lost);
  if (lost.length > 0) process.stderr.write(`headcount: ${lossOf(lost, dataDir)}\n`);
  const engine = await startKeptEngine({ command, host, port, dataDir, secret, lost, acceptLoss });
  const stop = () => {
    stopping.abort();
    engine.stop();
  };
  stopWithNpm(stop);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  // At once: what is acknowledged from here on, the other one doesn't know of.
  const leave = () => engine.stop(0);
  if (taken.aborted) leave();
  taken.addEventListener("abort", leave);

  const url = `http://${addressToOpen(host)}:${engine.port}`;
  const ended = engine.ended.then((how) => {
    noteRollups(dataDir, lost);
    over.abort();
    lock.release();
    if (stopping.signal.aborted) return;
    throw new UsageError(
      taken.aborted
        ? `another start has taken the data folder ${dataDir}: this one ends, so that nothing is counted twice or lost`
        : `the engine exited unexpectedly (${how}); nothing acknowledged is lost: start again`,
    );
  });
  // Whoever awaits it is told; until then nobody need be.
  ended.catch(() => {});
  const health = await fetch(`${url}/healthz`);
  if (!health.ok && lost.length === 0)
    throw new UsageError(`the engine answered ${health.status} to /healthz`);
  const keys = await keysOf(secret, "demo", (await revisionsAt(url, secret, "demo")) ?? undefined);
  const isOver = AbortSignal.any([stopping.signal, over.signal]);
  void watchPressure(url, (share) => engine.refuse(share), isOver);
  return { url, keys, dataDir, isNewSecret, stop, stopping: stopping.signal, ended };
}

function lossOf(lost: readonly string[], dataDir: string): string {
  return `the figures of ${lost.length === 1 ? "an app were" : `${lost.length} apps were`} lost: ${lost
    .map((id) => `objects/headcount-rollup/${id}.sqlite`)
    .join(
      ", ",
    )} in ${dataDir} is missing or empty. Requests for it are refused: restore a backup, or, if there is none, start with --accept-loss to start it empty`;
}

/** Where a browser on this machine finds a server that listens there: on every address means on this one too. */
function addressToOpen(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::" || host === "") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/** Tries until it gives something, for a bounded time. */
async function within<Value>(limitMs: number, attempt: () => Promise<Value | null>): Promise<Value | null> {
  // Not by the wall clock, which may be set meanwhile.
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value !== null || performance.now() > deadline) return value;
    await sleep(100);
  }
}

/** Why nobody can listen there, by the system's code, or null. */
function whyNotListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown error"));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}

/** npm does not take its script along when it is killed outright, so the script looks after that itself. */
function stopWithNpm(stop: () => void): void {
  if (!process.env["npm_lifecycle_event"]) return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    stop();
  }, npmWatchMs);
  watch.unref();
}
