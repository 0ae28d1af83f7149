import { Agent, request } from "node:http";
import { peakBytes } from "./memory.ts";
import { streamLines } from "./stream-lines.ts";
import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";

const connections = 64;
const people = 20_000;
const lines = 1_000_000;

/** Benchmarks of the real `npm start`, as Markdown. Ratios are within this one run. */
export async function serviceBench(): Promise<string> {
  const startedAt = performance.now();
  const server = await startServer();
  const readySeconds = (performance.now() - startedAt) / 1000;
  try {
    const health = await rate(server, () => ({ method: "GET", path: "/healthz" }));
    const first = await rate(server, (n) => heartbeat(server, n));
    const repeat = await rate(server, (n) => heartbeat(server, n));
    const stream = await streamActivity(server);
    const peakMb = (await peakBytes(await server.enginePid())) / 2 ** 20;
    const query = await rate(server, () => active(server), 2000);
    const row = (what: string, perSecond: number) =>
      `| ${what} | ${round(perSecond)} | ${(perSecond / health).toFixed(2)} |`;
    return `## The service on the embedded engine

${people.toLocaleString("en")} requests over ${connections} connections from one Node client on the same machine.
The ratio is to an answer that does nothing.

| what | per second | ratio |
| --- | ---: | ---: |
${row("`GET /healthz`, an answer that does nothing", health)}
${row("`POST /v1/heartbeat`, a new person each: hashed, committed, acknowledged", first)}
${row("the same people again in the same slot", repeat)}
${row("`POST /v1/activity`, lines of NDJSON over 60 days", stream)}
${row("`GET /v1/active`, 24 h, 7 d and 30 d over those 60 days", query)}

Peak memory of the engine over all of it: ${peakMb.toFixed(0)} MB. From \`npm start\` to \`ready\`, with the keys
asked for once: ${readySeconds.toFixed(1)} s.
`;
  } finally {
    await server.stop();
    await cleanUp();
  }
}

interface Call {
  method: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

function heartbeat({ keys }: TestServer, n: number): Call {
  const body = JSON.stringify({ key: keys.public, beats: [{ user: `person-${n}` }] });
  return { method: "POST", path: "/v1/heartbeat", body };
}

function active({ keys }: TestServer): Call {
  return { method: "GET", path: "/v1/active", headers: { authorization: `Bearer ${keys.read}` } };
}

/** Calls a second, from many connections at once. Throws when one is not answered 200. */
async function rate({ url }: TestServer, callOf: (n: number) => Call, calls = people): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < calls; n = next++) await send(url, agent, callOf(n));
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return calls / seconds;
}

function send(url: string, agent: Agent, { method, path, body, headers }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, agent, ...(headers && { headers }) }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${answer.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function streamActivity({ url, keys }: TestServer): Promise<number> {
  const now = Date.now();
  const spanMs = 60 * 86_400_000;
  const startedAt = performance.now();
  await streamLines(url, keys.secret, lines, (n) => {
    const at = now - Math.floor((((n * 7919) % lines) / lines) * spanMs);
    return `{"user":"import-${n % 700_000}","at":${at}}\n`;
  });
  return lines / ((performance.now() - startedAt) / 1000);
}

function round(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString("en");
}
