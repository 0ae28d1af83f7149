import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { buildWorker } from "./build.ts";
import { readCommandLine, UsageError } from "./command-line.ts";
import { type AppKeys, keysOf, lockDataDir, openDataDir, readSecret } from "./data-folder.ts";
import { startEngine } from "./engine.ts";
import { revisionsAt } from "./key-revisions.ts";
import { watchPressure } from "./pressure.ts";

/** A server that was killed just now may need a moment to let go of its port and its data. */
const graceMs = 3000;
const npmWatchMs = 250;

/** Where to listen and where the data are, as the command line says. */
export interface ServeOptions {
  port: number;
  host: string;
  data: string;
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
    },
    usage,
  );
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port: expected a number from 0 to 65535, 0 for any free one. Usage: ${usage}`);
  }
  return { port, host: values.host, data: values.data };
}

/** Builds and serves everything. Rejects with a `UsageError` when it can't listen or open its data. */
export async function serve({ port, host, data }: ServeOptions): Promise<Served> {
  const dataDir = await openDataDir(data);
  const lock = await within(graceMs, async () => lockDataDir(dataDir));
  if (lock === null) {
    throw new UsageError(
      `the data folder ${dataDir} is in use by another start: stop it, or choose another with --data`,
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
  await buildWorker();
  const engine = await startEngine({ host, port, dataDir, secret });
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
    engine.stop();
  };
  stopWithNpm(stop);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);

  const url = `http://${host.includes(":") ? `[${host}]` : host}:${engine.port}`;
  const ended = engine.ended.then((how) => {
    lock.release();
    if (stopping.signal.aborted) return;
    throw new UsageError(`the engine ended by itself (${how}); nothing acknowledged is lost: start again`);
  });
  // Whoever awaits it is told; until then nobody need be.
  ended.catch(() => {});
  const health = await fetch(`${url}/healthz`);
  if (!health.ok) throw new UsageError(`the engine answered ${health.status} to /healthz`);
  const keys = await keysOf(secret, "demo", (await revisionsAt(url, secret, "demo")) ?? undefined);
  const over = new AbortController();
  const isOver = () => over.abort();
  stopping.signal.addEventListener("abort", isOver);
  ended.then(isOver, isOver);
  void watchPressure(url, (share) => engine.refuse(share), over.signal);
  return { url, keys, dataDir, isNewSecret, stop, stopping: stopping.signal, ended };
}

/** Tries until it gives something, for a bounded time. */
async function within<Value>(limitMs: number, attempt: () => Promise<Value | null>): Promise<Value | null> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value !== null || Date.now() > deadline) return value;
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
