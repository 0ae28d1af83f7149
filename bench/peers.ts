import { Agent, get } from "node:http";
import { cleanUp } from "../test/support/server.ts";
import { type Load, load, post } from "./http-load.ts";
import { type Peer, startPeers } from "./peers/start.ts";

const rounds = 3;
const connections = 64;
const singles = 5000;
const batches = 48;
const beatsPerBatch = 1000;
const days = 28;
/** Each round asks a peer so often, or for so long. */
const askTimes = 50;
const askMs = 2000;

interface Asked {
  first: number;
  times: number[];
  count: number;
}

interface Measured {
  single: Load;
  batch: Load;
  bytes: number;
  asked: Map<string, Asked>;
}

/** What people would pick instead, in turn and in one run, as Markdown. */
export async function peersBench(people: number): Promise<string> {
  const { peers, skipped } = await startPeers();
  try {
    const measured = new Map<Peer, Measured>();
    for (let round = 0; round < rounds; round++) {
      for (const peer of peers) {
        const [single, batch] = [await sendSingles(peer, round), await sendBatches(peer, round)];
        const held = measured.get(peer) ?? { single, batch, bytes: 0, asked: new Map() };
        measured.set(peer, {
          ...held,
          single: faster(held.single, single),
          batch: faster(held.batch, batch),
        });
      }
    }
    for (const [peer, of] of measured) of.bytes = await peer.fill(people, days);
    for (let round = 0; round < rounds; round++) {
      for (const [peer, { asked }] of measured) {
        for (const [way, path] of Object.entries(peer.questions)) await ask(peer, path, way, asked);
      }
    }
    return report(people, measured, skipped);
  } finally {
    for (const peer of peers) await peer.stop();
    await cleanUp();
  }
}

function sendSingles(peer: Peer, round: number): Promise<Load> {
  return load(peer.port, peer.pid, connections, singles, (n) =>
    post(
      peer.single,
      JSON.stringify({ ...peer.key, beats: [{ user: `single-${round}-${n}` }] }),
      peer.report,
    ),
  );
}

async function sendBatches(peer: Peer, round: number): Promise<Load> {
  const { perSecond, perCpuSecond } = await load(peer.port, peer.pid, 8, batches, (n) => {
    const beats = Array.from({ length: beatsPerBatch }, (_, beat) => ({
      user: `many-${round}-${n}-${beat}`,
    }));
    return post(peer.batch, JSON.stringify({ beats }), peer.report);
  });
  return { perSecond: perSecond * beatsPerBatch, perCpuSecond: perCpuSecond * beatsPerBatch };
}

function faster(one: Load, other: Load): Load {
  return one.perCpuSecond > other.perCpuSecond ? one : other;
}

async function ask(peer: Peer, path: string, way: string, asked: Map<string, Asked>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const until = performance.now() + askMs;
  for (let n = 0; n < askTimes && (n === 0 || performance.now() < until); n++) {
    const startedAt = performance.now();
    const text = await textOf(peer, path, agent);
    const ms = performance.now() - startedAt;
    const held = asked.get(way);
    if (held === undefined) asked.set(way, { first: ms, times: [], count: countIn(text) });
    else held.times.push(ms);
  }
  agent.destroy();
}

function textOf({ port, ask: headers }: Peer, path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.once("end", () =>
        answer.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${path}: ${answer.statusCode} ${text}`)),
      );
    }).once("error", reject);
  });
}

function countIn(text: string): number {
  const count = /"count":(\d+)/.exec(text)?.[1];
  if (count === undefined) throw new Error(`expected a count, got ${text}`);
  return Number(count);
}

function report(people: number, measured: Map<Peer, Measured>, skipped: readonly string[]): string {
  const truth = people + rounds * (singles + batches * beatsPerBatch);
  const taken = [...measured].map(([{ name }, { single, batch }]) =>
    row(
      name,
      rate(single.perSecond),
      rate(single.perCpuSecond),
      rate(batch.perSecond),
      rate(batch.perCpuSecond),
    ),
  );
  const asked = [...measured].flatMap(([{ name }, { bytes, asked: ways }]) =>
    [...ways].map(([way, { first, times, count }]) =>
      row(
        `${name}, ${way}`,
        `${first.toFixed(1)} ms`,
        `${median(times).toFixed(1)} ms`,
        `${count.toLocaleString("en")} (${((100 * (count - truth)) / truth).toFixed(2)} %)`,
        `${(bytes / 2 ** 20).toFixed(1)} MB`,
      ),
    ),
  );
  return `## Beside what people would pick instead

Written by \`npm run bench -- --peers\`: ${rounds} rounds in turn, of which the best by processor time counts. One heartbeat a request
over ${connections} connections, ${singles.toLocaleString("en")} a round, of new people; and ${beatsPerBatch.toLocaleString("en")} of them a request over 8. All stand on the same machine as the
client, so the processor time of a server and its store says more than the clock. Every one acknowledges what it has written:
PostgreSQL syncs each commit, Redis its log each second, which are their defaults. Only Headcount checks a key, keeps hours and
slots beside days, and splits by platform and browser.

| heartbeats a second | one, by the clock | one, by processor time | batch, by the clock | batch, by processor time |
| --- | ---: | ---: | ---: | ---: |
${taken.join("\n")}

Then ${people.toLocaleString("en")} more people, each active on one of the ${days} days before: monthly active users, over HTTP, once
Headcount's shards have told its roll-up (\`fresh=1\`). Truth: ${truth.toLocaleString("en")}.

| monthly active users | first answer | again, median | answer | stored |
| --- | ---: | ---: | ---: | ---: |
${asked.join("\n")}
${skipped.map((what) => `\nSkipped: ${what}.\n`).join("")}`;
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function rate(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString("en");
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}
