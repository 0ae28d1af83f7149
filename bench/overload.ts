/**
 * Six thousand people at once, far more than the engine can serve, on a server of its own: how long an answer takes,
 * whether all that was acknowledged is there, how much memory it takes, and whether it recovers by itself.
 * `node bench/overload.ts` prints what it saw.
 */
import { connect } from "node:net";
import { residentBytes } from "./memory.ts";
import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";

const [calmMs, stormMs] = [4000, 20_000];
const [calmPeople, stormPeople] = [64, 6000];

interface Seen {
  statuses: Map<string, number>;
  people: Set<string>;
  /** Milliseconds until an answer came. */
  waits: number[];
}

/** A beat on a connection of its own, in bare HTTP: a load that costs more than the service does is none. */
function post(server: TestServer, user: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const body = `{"key":"${server.keys.public}","beats":[{"user":"${user}"}]}`;
  const head = `POST /v1/heartbeat HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\ncontent-length: ${body.length}`;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once("data", (answer) => {
      resolve(answer.toString().slice(9, 12));
      socket.destroy();
    });
    socket.once("error", () => resolve("none"));
    socket.write(`${head}\r\n\r\n${body}`);
  });
}

/** So many people at once; whoever is answered makes room for the next. */
async function load(server: TestServer, name: string, people: number, ms: number): Promise<Seen> {
  const seen: Seen = { statuses: new Map(), people: new Set(), waits: [] };
  const end = Date.now() + ms;
  const send = async (place: number) => {
    for (let beat = 0; Date.now() < end; beat++) {
      const user = `${name}-${place}-${beat}`;
      const sentAt = performance.now();
      const status = await post(server, user);
      seen.waits.push(performance.now() - sentAt);
      seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
      if (status === "200") seen.people.add(user);
    }
  };
  await Promise.all(Array.from({ length: people }, (_, place) => send(place)));
  return seen;
}

const residentMb = async (pid: number) => Math.round((await residentBytes(pid)) / 2 ** 20);
const perSecond = ({ statuses }: Seen, ms: number) => Math.round((1000 * (statuses.get("200") ?? 0)) / ms);

function told({ statuses, waits }: Seen): string {
  const sorted = waits.toSorted((a, b) => a - b);
  const [half, most] = [0.5, 0.99].map((share) => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0));
  return `answers ${JSON.stringify([...statuses])}, half within ${half} ms, 99 % within ${most} ms`;
}

async function phase(name: string, people: number, ms: number): Promise<number> {
  const seen = await load(server, name, people, ms);
  console.log(
    `${name.padEnd(6)}  ${people} at once: ${perSecond(seen, ms)} acknowledged/s, ${await residentMb(pid)} MB, ${told(seen)}`,
  );
  return seen.people.size;
}

const server = await startServer();
const pid = await server.enginePid();
const people =
  (await phase("warm", calmPeople, 1000)) +
  (await phase("before", calmPeople, calmMs)) +
  (await phase("storm", stormPeople, stormMs)) +
  (await phase("after", calmPeople, calmMs));
const answer = await fetch(`${server.url}/v1/active?window=1h&fresh=1`, {
  headers: { authorization: `Bearer ${server.keys.read}` },
});
const [row] = ((await answer.json()) as { windows: { count: number; low: number; high: number }[] }).windows;
console.log(`counted ${row?.count} [${row?.low}, ${row?.high}], acknowledged ${people}`);
await server.stop();
await cleanUp();
