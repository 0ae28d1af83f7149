import { slotMs } from "../sdk/wire.ts";
import { dayMs, pushIntervalMs } from "../worker/limits.ts";

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

/** What is assumed of an app. Each of them may be argued with: `npm run cost` computes the table anew. */
export const assumptions = {
  daysPerMonth: 30,
  /** Slots in which a daily user is seen, and so requests: twenty minutes in one or two visits. */
  slotsPerUserAndDay: 5,
  /** The busiest minute has so many times the beats of the average one. */
  peakFactor: 3,
  /** A shard is given so many calls a second at most: see `BUSY_CALLS_PER_SECOND`. */
  callsPerShardAndSecond: 400,
  commitWindowMs: 200,
  /** Everyone, and the dimensions with which an app begins: six platforms and six browsers. */
  series: 13,
  objectGigabytes: 0.128,
};

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

export function monthlyCost(dailyUsers: number): MonthlyCost {
  const { daysPerMonth, slotsPerUserAndDay, peakFactor, callsPerShardAndSecond, commitWindowMs, series } =
    assumptions;
  const beatsPerDay = dailyUsers * slotsPerUserAndDay;
  const peakPerSecond = (beatsPerDay * peakFactor * 1000) / dayMs;
  const shards = 2 ** Math.ceil(Math.log2(Math.max(1, peakPerSecond / callsPerShardAndSecond)));
  // A commit is one row of the log, which is deleted once it was pushed. There are no more of either than beats.
  const commits = Math.min(beatsPerDay, (shards * dayMs) / commitWindowMs);
  const pushes = Math.min(beatsPerDay, (shards * dayMs) / pushIntervalMs);
  // A push touches the sketches of slot, hour and day of each series, the count of what the service did, and two alarms.
  const rowsPerDay = 2 * commits + pushes * (3 * series + 1 + 2) + (dayMs / slotMs) * series;
  // An object that is asked more often than every ten seconds never sleeps.
  const awake = (perDay: number) => Math.min(1, (perDay * 10_000) / dayMs);
  const objectDays = shards * awake(beatsPerDay / shards) + awake(pushes);
  const cost = ({ included, perMillion }: { included: number; perMillion: number }, used: number) =>
    (Math.max(0, used - included) * perMillion) / 1e6;
  const requests = cost(prices.requests, beatsPerDay * daysPerMonth);
  const objects = cost(prices.objectRequests, (beatsPerDay + 2 * pushes) * daysPerMonth);
  const duration = cost(
    prices.gigabyteSeconds,
    objectDays * assumptions.objectGigabytes * (dayMs / 1000) * daysPerMonth,
  );
  const rows = cost(prices.rowsWritten, rowsPerDay * daysPerMonth);
  const total = prices.planPerMonth + requests + objects + duration + rows;
  return { dailyUsers, shards, requests, objects, duration, rows, total };
}

/** The table of `docs/operations.md`. */
export function costTable(): string {
  const dollars = (amount: number) => `$${Math.round(amount).toLocaleString("en-US")}`;
  const lines = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((users) => {
    const { dailyUsers, shards, requests, objects, duration, rows, total } = monthlyCost(users);
    const cells = [requests, objects, duration, rows, total].map(dollars);
    return `| ${dailyUsers.toLocaleString("en-US")} | ${shards} | ${cells.join(" | ")} |`;
  });
  return [
    "| daily users | shards | requests | objects' calls | objects' time | rows written | a month, with the plan |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...lines,
  ].join("\n");
}
