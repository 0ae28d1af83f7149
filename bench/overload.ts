/**
 * Three times as much as the engine can take, on a server of its own: how much is shed, whether all that was acknowledged is
 * there, how much memory it takes, and whether it recovers by itself. `node bench/overload.ts` prints what it saw.
 */
import { execFileSync } from "node:child_process";
import { Agent, request } from "node:http";
import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";

const [calmMs, stormMs] = [4000, 12_000];
const calmConnections = 64;

interface Seen {
  statuses: Map<number, number>;
  people: Set<string>;
}

function post(server: TestServer, agent: Agent, user: string): Promise<number> {
  const body = JSON.stringify({ key: server.keys.public, beats: [{ user }] });
  return new Promise((resolve) => {
    const sent = request(
      `${server.url}/v1/heartbeat`,
      { method: "POST", agent, headers: { "content-length": Buffer.byteLength(body) } },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}

/** So many people at once, each of whom sends one beat after the other. */
async function load(server: TestServer, name: string, connections: number, ms: number): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const seen: Seen = { statuses: new Map(), people: new Set() };
  const end = Date.now() + ms;
  const send = async (person: number) => {
    for (let beat = 0; Date.now() < end; beat++) {
      const user = `${name}-${person}-${beat}`;
      const status = await post(server, agent, user);
      seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
      if (status === 200) seen.people.add(user);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, person) => send(person)));
  agent.destroy();
  return seen;
}

const residentMb = (pid: number) =>
  Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)]).toString()) / 1024);
const perSecond = ({ statuses }: Seen, ms: number) => Math.round((1000 * (statuses.get(200) ?? 0)) / ms);

const server = await startServer();
const pid = await server.enginePid();
await load(server, "warm", calmConnections, 1000);
const calm = await load(server, "calm", calmConnections, calmMs);
const before = residentMb(pid);
// More at once than is worked on at once: three times of it.
const storm = await load(server, "storm", 3000, stormMs);
const during = residentMb(pid);
const after = await load(server, "after", calmConnections, calmMs);
const answer = await fetch(`${server.url}/v1/active?window=1h&fresh=1`, {
  headers: { authorization: `Bearer ${server.keys.read}` },
});
const [row] = ((await answer.json()) as { windows: { count: number; low: number; high: number }[] }).windows;
const people = calm.people.size + storm.people.size + after.people.size;
console.log(`calm    ${perSecond(calm, calmMs)} acknowledged/s, ${before} MB`);
console.log(
  `storm   ${perSecond(storm, stormMs)} acknowledged/s, answers ${JSON.stringify([...storm.statuses])}, ${during} MB`,
);
console.log(
  `after   ${perSecond(after, calmMs)} acknowledged/s, answers ${JSON.stringify([...after.statuses])}`,
);
console.log(
  `counted ${row?.count} [${row?.low}, ${row?.high}], acknowledged ${people} and those of the warm-up`,
);
await server.stop();
await cleanUp();
