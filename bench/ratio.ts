import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import workerd from "workerd";
import { cleanUp, makeDataDir, startServer } from "../test/support/server.ts";
import { type Load, load, post } from "./http-load.ts";

const connections = 64;
const people = 20_000;
const rounds = 3;

/** The service beside the least that its engine has to do, in turn, as Markdown. */
export async function ratioBench(): Promise<string> {
  const [server, bare] = [await startServer(), await startBaseline()];
  try {
    const { keys } = server;
    const [port, pid] = [Number(new URL(server.url).port), await server.enginePid()];
    const beat = (key: string, who: string) =>
      post("/v1/heartbeat", JSON.stringify({ key, beats: [{ user: who }] }));
    const ways: Record<string, (round: number) => Promise<Load>> = {
      "a Worker that parses the body": () =>
        load(bare.port, bare.pid, connections, people, (n) => beat(keys.public, `person-${n}`)),
      "a server's repeated heartbeat": () =>
        load(port, pid, connections, people, (n) => beat(keys.secret, `again-${n % 500}`)),
      "a page's repeated heartbeat": () =>
        load(port, pid, connections, people, (n) => beat(keys.public, `again-${n % 500}`)),
      "a Worker that calls an object that writes 12 KB": () =>
        load(bare.port, bare.pid, connections, people, (n) =>
          post("/write", JSON.stringify({ key: keys.public, beats: [{ user: `person-${n}` }] })),
        ),
      "a page's heartbeat of somebody new": (round) =>
        load(port, pid, connections, people, (n) => beat(keys.public, `person-${round}-${n}`)),
    };
    const best = new Map<string, Load>();
    for (let round = 0; round < rounds; round++) {
      for (const [name, measure] of Object.entries(ways)) {
        const now = await measure(round);
        const held = best.get(name);
        if (held === undefined || now.perCpuSecond > held.perCpuSecond) best.set(name, now);
      }
    }
    const row = (name: string, to: string) => {
      const [of, base] = [best.get(name)!, best.get(to)!];
      return `| ${name} | ${to} | ${ratio(of.perCpuSecond / base.perCpuSecond)} | ${ratio(of.perSecond / base.perSecond)} |`;
    };
    const [parse, repeat, pageRepeat, write, fresh] = Object.keys(ways) as [
      string,
      string,
      string,
      string,
      string,
    ];
    return `## The service beside the least that its engine has to do

${people.toLocaleString("en")} requests over ${connections} connections each, ${rounds} times in turn, of which the best counts. By the engine's
processor time, and by the clock.

| what | beside | by processor time | by the clock |
| --- | --- | ---: | ---: |
${row(repeat, parse)}
${row(pageRepeat, parse)}
${row(fresh, write)}
`;
  } finally {
    bare.stop();
    await server.stop();
    await cleanUp();
  }
}

async function startBaseline(): Promise<{ port: number; pid: number; stop: () => void }> {
  const child = spawn(
    workerd.default,
    [
      "serve",
      `${import.meta.dirname}/baseline/workerd.capnp`,
      "--socket-addr=http=127.0.0.1:0",
      `--directory-path=data=${await makeDataDir()}`,
      "--control-fd=3",
    ],
    { stdio: ["ignore", "inherit", "inherit", "pipe"] },
  );
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port !== undefined) return { port, pid: child.pid!, stop: () => child.kill("SIGKILL") };
  }
  throw new Error("the baseline did not start");
}

function ratio(value: number): string {
  return value.toFixed(2);
}
