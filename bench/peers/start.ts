import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import workerd from "workerd";
import { makeDataDir, startServer } from "../../test/support/server.ts";
import { streamLines } from "../stream-lines.ts";

/** Something that takes heartbeats and counts people. */
export interface Peer {
  name: string;
  port: number;
  pid: number;
  /** Headers of requests that report, and of those that ask. */
  report: Record<string, string>;
  ask: Record<string, string>;
  /** Paths of the doors for one heartbeat and for many at once; by what they are called, those of questions. */
  single: string;
  batch: string;
  questions: Record<string, string>;
  /** What a body has beside its beats. */
  key: Record<string, string>;
  /** Has so many people active, each on one of the days before today; resolves with the bytes that it then keeps. */
  fill(people: number, days: number): Promise<number>;
  stop(): Promise<void>;
}

type Started = Pick<Peer, "port" | "pid" | "stop">;

/** Those that this machine can run, and in words those that it can't. */
export async function startPeers(): Promise<{ peers: Peer[]; skipped: string[] }> {
  const here = import.meta.dirname;
  // By what its own lockfile says, and for this bench alone.
  execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });
  const peers: Peer[] = [await startHeadcount()];
  const skipped: string[] = [];
  const stores = [
    { name: "Fastify + Redis `PFADD`", file: "redis", needs: ["redis-server"], counts: ["approximate"] },
    {
      name: "Fastify + PostgreSQL upsert",
      file: "postgres",
      needs: ["initdb", "postgres"],
      counts: ["exact"],
    },
    { name: "Fastify + DuckDB", file: "duckdb", needs: [], counts: ["exact", "approximate"] },
  ];
  for (const { name, file, needs, counts } of stores) {
    const missing = needs.filter((command) => !hasCommand(command));
    if (missing.length > 0) skipped.push(`${name}: there is no ${missing.join(", no ")} on this machine`);
    else peers.push(plainPeer(name, await startStore(file), counts));
  }
  peers.push(plainPeer("hyperloglog-lite in a Worker", await startLite(), ["approximate"]));
  return { peers, skipped };
}

/** Debian keeps those of PostgreSQL out of the path. */
function searchPath(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  return [process.env.PATH, ...versions.map((version) => join(root, version, "bin"))].join(":");
}

function hasCommand(command: string): boolean {
  return searchPath()
    .split(":")
    .some((dir) => existsSync(join(dir, command)));
}

async function startHeadcount(): Promise<Peer> {
  const server = await startServer();
  const headers = { authorization: `Bearer ${server.keys.secret}` };
  return {
    name: "Headcount",
    port: Number(new URL(server.url).port),
    pid: await server.enginePid(),
    report: { ...headers, "content-type": "application/json" },
    ask: headers,
    single: "/v1/heartbeat",
    batch: "/v1/activity",
    questions: { approximate: "/v1/active?window=30d" },
    key: { key: server.keys.public },
    async fill(people, days) {
      await fillHeadcount(server.url, server.keys.secret, people, days);
      const answer = await fetch(`${server.url}/v1/active?window=30d&fresh=1`, { headers });
      if (!answer.ok) throw new Error(`/v1/active: ${answer.status}`);
      return bytesIn(server.dataDir);
    },
    stop: async () => void (await server.stop()),
  };
}

/** One after the other, as a back-fill is streamed; at the hour of now, so that each falls within its day and the 30. */
async function fillHeadcount(url: string, secret: string, people: number, days: number): Promise<void> {
  const now = Date.now();
  await streamLines(
    url,
    secret,
    people,
    (id) => `{"user":"member-${id}","at":${now - ((id % days) + 1) * 86_400_000}}\n`,
  );
}

function plainPeer(name: string, started: Started, counts: readonly string[]): Peer {
  return {
    ...started,
    name,
    report: { "content-type": "application/json" },
    ask: {},
    single: "/v1/heartbeat",
    batch: "/v1/heartbeat",
    questions: Object.fromEntries(counts.map((count) => [count, `/mau/${count}`])),
    key: {},
    async fill(people, days) {
      const answer = await fetch(`http://127.0.0.1:${started.port}/fill`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ people, days }),
      });
      if (!answer.ok) throw new Error(`${name} can't be filled: ${await answer.text()}`);
      return ((await answer.json()) as { bytes: number }).bytes;
    },
  };
}

async function startStore(file: string): Promise<Started> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "server.js"), file], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PATH: searchPath() },
  });
  return {
    port: await reportedPort(child.stdout, file),
    pid: child.pid!,
    async stop() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

async function startLite(): Promise<Started> {
  const dir = await makeDataDir();
  mkdirSync(join(dir, "data"));
  copyFileSync(join(import.meta.dirname, "lite.capnp"), join(dir, "lite.capnp"));
  await build({
    entryPoints: [join(import.meta.dirname, "lite-worker.js")],
    bundle: true,
    format: "esm",
    external: ["cloudflare:workers"],
    outfile: join(dir, "worker.js"),
  });
  const options = ["--socket-addr=http=127.0.0.1:0", `--directory-path=data=${dir}/data`, "--control-fd=3"];
  const child = spawn(workerd.default, ["serve", join(dir, "lite.capnp"), ...options], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  return {
    port: await reportedPort(child.stdio[3] as Readable, "hyperloglog-lite"),
    pid: child.pid!,
    async stop() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function reportedPort(lines: Readable, name: string): Promise<number> {
  for await (const line of createInterface({ input: lines })) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port !== undefined) return port;
  }
  throw new Error(`${name} did not start`);
}

function bytesIn(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}
