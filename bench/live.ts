import { setTimeout as sleep } from "node:timers/promises";
import {
  askGates,
  askOnline,
  connectAll,
  type GateRow,
  type LiveClient,
} from "../test/support/live-client.ts";
import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";
import { residentBytes } from "./memory.ts";

const sockets = 5000;
const people = 4000;
const atOnce = 100;
const pingRounds = 3;
/** Longer than the ten seconds after which the engine lets an idle object hibernate. */
const hibernatesMs = 13_000;

/** Sockets against the real `npm start`, as Markdown. Throws where a count isn't that of an exact set. */
export async function liveBench(): Promise<string> {
  const server = await startServer();
  try {
    const beats = Array.from({ length: sockets }, (_, index) => ({ user: `person-${index % people}` }));
    // What the engine needs for itself, once a first socket and a first query have gone through it.
    await connectAll(server, [{ user: "person-0" }]);
    await askOnline(server);
    const before = await residentBytes(await server.enginePid());
    const startedAt = performance.now();
    const clients = await connectAll(server, beats, atOnce);
    const perSecond = sockets / ((performance.now() - startedAt) / 1000);
    await told(server, sockets + 1);
    const counted = await askOnline(server);
    if (counted.people === null || Math.abs(counted.people - people) > people * 0.03) {
      throw new Error(`counted ${counted.people} of ${people} people`);
    }
    const open = await residentBytes(await server.enginePid());

    const gates = await askGates(server);
    const asleep = await sleepThrough(clients, server);
    const after = await askGates(server);
    const grown = (member: "starts" | "messages" | "alarms") => sum(after, member) - sum(gates, member);
    const bytesEach = (bytes: number) => ((bytes - before) / sockets / 1024).toFixed(1);
    return `## Sockets on the embedded engine

${sockets.toLocaleString("en")} sockets of ${people.toLocaleString("en")} people, ${atOnce} opened at a time by one Node client on the same machine.

| what | figure |
| --- | ---: |
| opened, with first message and first ping, a second | ${perSecond.toFixed(0)} |
| people counted (exact: ${people.toLocaleString("en")}) | ${counted.people.toLocaleString("en")} |
| gates that hold them | ${gates.length} |
| engine's resident memory a socket, all just opened | ${bytesEach(open)} KB |
| the same once the gates hibernate | ${bytesEach(asleep.bytes)} KB |
| pings answered in ${asleep.rounds} rounds while they slept | ${asleep.pings.toLocaleString("en")} |
| messages that reached a gate meanwhile | ${grown("messages")} |
| times a gate was woken: by its alarm | ${grown("alarms")} |
| and started, with one a gate for the question itself | ${grown("starts")} |
`;
  } finally {
    await server.stop();
    await cleanUp();
  }
}

/** Pings everybody in rounds that are as long apart as a gate needs to fall asleep. */
async function sleepThrough(clients: readonly LiveClient[], server: TestServer) {
  let pings = 0;
  for (let round = 0; round < pingRounds; round++) {
    await sleep(hibernatesMs);
    await Promise.all(clients.map((client) => client.ping()));
    pings += clients.length;
  }
  return { pings, rounds: pingRounds, bytes: await residentBytes(await server.enginePid()) };
}

/** Resolves when the gates have told of so many open sockets. */
async function told(server: TestServer, open: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await askOnline(server)).sockets !== open) {
    if (Date.now() > deadline) throw new Error(`the gates did not tell of ${open} sockets`);
    await sleep(500);
  }
}

function sum(gates: readonly GateRow[], member: "starts" | "messages" | "alarms"): number {
  return gates.reduce((total, gate) => total + gate[member], 0);
}
