import { slotMs } from "../sdk/wire.ts";
import { kindsAt, type Resolution, resolutions } from "../worker/counting/resolution.ts";
import {
  dayMs,
  defaultCommitWindowMs,
  gateGatherWindows,
  gatherWindows,
  pushIntervalMs,
} from "../worker/limits.ts";

/**
 * Cloudflare's published prices of the paid plan, in US dollars, 2026: Workers and Durable Objects with SQLite storage.
 * What is included is counted once.
 */
export const prices = {
  planPerMonth: 5,
  requests: { included: 10e6, perMillion: 0.3 },
  objectRequests: { included: 1e6, perMillion: 0.15 },
  gigabyteSeconds: { included: 400e3, perMillion: 12.5 },
  rowsWritten: { included: 50e6, perMillion: 1 },
};

/** What is assumed of an app. Each of them may be argued with: `npm run cost` computes the tables anew. */
export const assumptions = {
  daysPerMonth: 30,
  /** A daily user has the app open so often, and so many minutes in all: together five slots, as in the first release. */
  visitsPerUserAndDay: 1.5,
  minutesPerUserAndDay: 17.5,
  /** The busiest minute has so many times the beats of the average one. */
  peakFactor: 3,
  /** A shard is given so many calls a second at most: see `BUSY_CALLS_PER_SECOND`. */
  callsPerShardAndSecond: 400,
  commitWindowMs: defaultCommitWindowMs,
  /**
   * What a call to a shard takes, until which the next one of the isolate waits: half a commit window, where it comes at any time, or a
   * whole one, where it follows another; and the way there and back.
   */
  callMs: 190,
  /** Isolates between which an app's requests are spread, at least, and what one of them takes. Those of one share calls. */
  isolates: 20,
  requestsPerIsolateAndSecond: 100,
  /** Regions with a gate for sockets. */
  gates: 4,
  /** Incoming messages of a socket that are billed as one request. Pings are answered without the object, and aren't. */
  messagesPerRequest: 20,
  /** Everyone, and the dimensions with which an app begins: six platforms and six browsers. */
  series: 13,
  objectGigabytes: 0.128,
};

/**
 * How an app counts: at which resolution, and whether its clients send heartbeats or hold a socket and send none. The SDK's
 * heartbeats go on beside its socket, so there the two add up.
 */
export interface Way {
  resolution: Resolution;
  by: "heartbeats" | "sockets";
}

/** What a month of so many daily users comes to, in US dollars. */
export interface MonthlyCost {
  dailyUsers: number;
  shards: number;
  requests: number;
  objects: number;
  duration: number;
  rows: number;
  total: number;
}

const widthMinutes: Record<Resolution, number> = { "5m": 5, "1h": 60, "1d": 1440 };

/**
 * Calls a second from an isolate to a shard, of so many beats a second that come at random: a call comes at least `apartMs`
 * after the one before, and where nobody has come meanwhile, as soon as somebody does. `test/app/shared-calls.test.ts` compares
 * this and the next with what an isolate and a shard do.
 */
export function callsApart(beatsPerSecond: number, apartMs: number): number {
  const apart = apartMs / 1000;
  return beatsPerSecond === 0 ? 0 : 1 / (apart + Math.exp(-beatsPerSecond * apart) / beatsPerSecond);
}

/** The same where calls are gathered: a call leaves `gatherMs` after the first that comes once the one before has left. */
export function callsGathered(beatsPerSecond: number, gatherMs: number): number {
  const callsAtMost = callsApart(beatsPerSecond, assumptions.callMs);
  return Math.min(callsAtMost, 1 / (gatherMs / 1000 + 1 / beatsPerSecond));
}

/** Calls a day, of beats that are spread over so many ways from an isolate to a shard. */
function callsPerDay(beatsPerDay: number, ways: number, callsPerSecond: (rate: number) => number): number {
  const seconds = dayMs / 1000;
  return ways * seconds * callsPerSecond(beatsPerDay / ways / seconds);
}

export function monthlyCost(
  dailyUsers: number,
  { resolution, by }: Way = { resolution: "5m", by: "heartbeats" },
): MonthlyCost {
  const { daysPerMonth, visitsPerUserAndDay, minutesPerUserAndDay, peakFactor, callsPerShardAndSecond } =
    assumptions;
  const { commitWindowMs, series, isolates, requestsPerIsolateAndSecond, gates, messagesPerRequest } =
    assumptions;
  const visits = dailyUsers * visitsPerUserAndDay;
  // A visit touches one period, and one more for each end of a period in it. Of whole days only the first visit matters.
  const beats =
    dailyUsers *
    ((resolution === "1d" ? 1 : visitsPerUserAndDay) + minutesPerUserAndDay / widthMinutes[resolution]);
  const withSockets = by === "sockets";
  const requestsPerDay = withSockets ? visits : beats;
  const peakPerSecond = (requestsPerDay * peakFactor * 1000) / dayMs;
  const shards = 2 ** Math.ceil(Math.log2(Math.max(1, peakPerSecond / callsPerShardAndSecond)));
  // A gate counts a socket when it opens; at two readings in every slot; and, together with others, when it has gone.
  const readings = withSockets ? gates * 2 * (dayMs / slotMs) : 0;
  const senders = withSockets ? gates : Math.max(isolates, peakPerSecond / requestsPerIsolateAndSecond);
  const windows = withSockets ? gateGatherWindows : gatherWindows[resolution];
  const opening = callsPerDay(requestsPerDay, senders * shards, (rate) =>
    callsGathered(rate, windows * commitWindowMs),
  );
  const leaving = withSockets
    ? callsPerDay(visits, gates * shards, (rate) => callsApart(rate, gateGatherWindows * commitWindowMs))
    : 0;
  const shardCalls = opening + leaving + readings;
  const gateCalls = withSockets ? visits + (2 * visits) / messagesPerRequest + readings : 0;
  // A commit is one row of the log, which is deleted once it was pushed. There are no more of either than calls.
  const commits = Math.min(shardCalls, (shards * dayMs) / commitWindowMs);
  const pushes = Math.min(shardCalls, (shards * dayMs) / pushIntervalMs);
  // A push touches the sketches of each kind of each series, the count of what the service did, and two alarms.
  const kinds = kindsAt[resolution].size;
  const slots = resolution === "5m" ? (dayMs / slotMs) * series : 0;
  const rowsPerDay = 2 * commits + pushes * (kinds * series + 1 + 2) + slots + readings;
  // An object that is asked more often than every ten seconds never sleeps.
  const awake = (perDay: number) => Math.min(1, (perDay * 10_000) / dayMs);
  const objectDays =
    shards * awake(shardCalls / shards) +
    awake(pushes) +
    (withSockets ? gates * awake(gateCalls / gates) : 0);
  const cost = ({ included, perMillion }: { included: number; perMillion: number }, used: number) =>
    (Math.max(0, used - included) * perMillion) / 1e6;
  const requests = cost(prices.requests, requestsPerDay * daysPerMonth);
  const objects = cost(prices.objectRequests, (shardCalls + gateCalls + 2 * pushes) * daysPerMonth);
  const duration = cost(
    prices.gigabyteSeconds,
    objectDays * assumptions.objectGigabytes * (dayMs / 1000) * daysPerMonth,
  );
  const rows = cost(prices.rowsWritten, rowsPerDay * daysPerMonth);
  const total = prices.planPerMonth + requests + objects + duration + rows;
  return { dailyUsers, shards, requests, objects, duration, rows, total };
}

const heads = [
  "shards",
  "requests",
  "objects' calls",
  "objects' time",
  "rows written",
  "a month, with the plan",
];

/** The first table of `docs/operations.md`: by how many people there are. */
export function costTable(): string {
  return table(
    "daily users",
    [1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((users) => [users.toLocaleString("en-US"), monthlyCost(users)]),
  );
}

/** The second: of a million daily users, by resolution and by how they are counted. */
export function wayTable(): string {
  const sockets = monthlyCost(1e6, { resolution: "5m", by: "sockets" });
  const ways = resolutions.map((resolution): [string, MonthlyCost] => [
    `\`${resolution}\``,
    monthlyCost(1e6, { resolution, by: "heartbeats" }),
  ]);
  return table("a million daily users", [...ways, ["`5m`, sockets alone", sockets]]);
}

function table(first: string, costs: [string, MonthlyCost][]): string {
  const dollars = (amount: number) => `$${Math.round(amount).toLocaleString("en-US")}`;
  const lines = costs.map(([name, { shards, requests, objects, duration, rows, total }]) => {
    const cells = [requests, objects, duration, rows, total].map(dollars);
    return `| ${name} | ${shards} | ${cells.join(" | ")} |`;
  });
  return [`| ${[first, ...heads].join(" | ")} |`, `|${" ---: |".repeat(heads.length + 1)}`, ...lines].join(
    "\n",
  );
}
