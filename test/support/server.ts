import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** A real `npm start`. */
export interface TestServer {
  url: string;
  dataDir: string;
  keys: Keys;
  /** What it has printed so far. */
  output(): string;
  /** Process id of the engine. */
  enginePid(): Promise<number>;
  /** Ends it by SIGTERM; resolves with npm's exit code once everything is gone. */
  stop(): Promise<number | null>;
  /** Ends it as Ctrl-C does, or some supervisors by SIGTERM: all of its processes are told at once; resolves as `stop` does. */
  interrupt(signal?: "SIGINT" | "SIGTERM"): Promise<number | null>;
  /** Ends it, and all that belongs to it, by kill -9. */
  kill(): Promise<void>;
  /** Ends one of its processes by kill -9: npm, the script that npm runs, or the engine. */
  killOnly(victim: "npm" | "script" | "engine"): Promise<void>;
}

interface Keys {
  app: string;
  public: string;
  read: string;
  secret: string;
  share: string;
}

/** Runs an npm script to its end. Never rejects. */
export async function npm(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run("npm", args, { cwd: rootDir, env: { ...process.env, ...env } });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/**
 * Starts a server on a free port (or on `port`) with a data folder of its own (or `dataDir`), by `npm start` or another
 * `script` that serves; resolves when it is ready.
 */
export async function startServer(
  options: {
    port?: number;
    dataDir?: string;
    script?: "start" | "demo";
    env?: Record<string, string>;
    args?: string[];
  } = {},
): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await makeDataDir());
  const args = [
    "run",
    "--silent",
    options.script ?? "start",
    "--",
    "--port",
    String(options.port ?? 0),
    "--data",
    dataDir,
    ...(options.args ?? []),
  ];
  // A process group of its own, so that all of it can be ended at once.
  const child = spawn("npm", args, {
    cwd: rootDir,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
  });
  started.push(child);
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  let printed = "";
  child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (/^ready$/m.test(printed)) resolve();
    });
    void ended.then((code) => reject(new Error(`npm start ended with ${code}: ${printed}`)));
  });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
  if (url === undefined) throw new Error(`npm start printed no address: ${printed}`);
  const keys = JSON.parse(
    (await npm(["run", "--silent", "keys", "--", "demo", "--json", "--data", dataDir])).stdout,
  );
  return {
    url,
    dataDir,
    keys,
    output: () => printed,
    enginePid: () => pidIn(child, processes.engine),
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
    async interrupt(signal = "SIGINT") {
      signalGroup(child, signal);
      return ended;
    },
    async kill() {
      signalGroup(child, "SIGKILL");
      await ended;
      await isGone(url);
    },
    async killOnly(victim) {
      process.kill(await pidIn(child, processes[victim]), "SIGKILL");
    },
  };
}

/** A folder for one test's data, removed when the process ends well. */
export async function makeDataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "headcount-test-"));
  dirs.push(dir);
  return dir;
}

/** Ends what a test that failed left running, and removes what `makeDataDir` made. */
export async function cleanUp(): Promise<void> {
  for (const child of started.splice(0)) signalGroup(child, "SIGKILL");
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
}

const dirs: string[] = [];
const started: ChildProcess[] = [];

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // Gone already.
  }
}

/** How the processes of a server look in a list of processes. */
const processes = {
  npm: /^npm run /,
  script: /^\S*node .*scripts\/start\.ts /,
  engine: /^\S*\/workerd serve /,
};

async function pidIn(group: ChildProcess, pattern: RegExp): Promise<number> {
  const { stdout } = await run("ps", ["-A", "-o", "pgid=,pid=,args="]);
  for (const row of stdout.split("\n")) {
    const [, pgid, pid, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
    if (Number(pgid) === group.pid && pattern.test(args ?? "")) return Number(pid);
  }
  throw new Error(`no process like ${pattern} among:\n${stdout}`);
}

/** Resolves once nobody answers at `url` any more. */
async function isGone(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1000) });
    } catch {
      return;
    }
  }
}
