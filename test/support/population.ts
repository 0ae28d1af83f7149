import { Calendar } from "../../worker/counting/calendar.ts";
import type { ActivityPart } from "../../worker/counting/sketch-parts.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { ShardState } from "../../worker/counting/shard-state.ts";
import { Acknowledged } from "../../worker/ingest/acknowledged.ts";
import { ActivityBatch } from "../../worker/ingest/activity-batch.ts";
import { Ingest } from "../../worker/ingest/ingest.ts";
import { UserHasher } from "../../worker/ingest/user-hasher.ts";
import type { AliasChange } from "../../worker/counting/aliases.ts";
import { serverClaim } from "../../worker/ingest/claims.ts";
import { Counters } from "../../worker/counting/counters.ts";
import { MemoryLog, MemoryStore } from "./memory-store.ts";

/** One sign of life of the invented population; `person` is a number, `user-N` is its id. */
interface Visit {
  person: number;
  at: number;
}

/** The population, as exact as memory is: who is who, and every visit. */
export interface Population {
  now: number;
  zone: string;
  calendar: Calendar;
  /** In the order of their times. */
  visits: Visit[];
  /** The date on which each person signed up. */
  signUps: string[];
  platforms: string[];
  /** As whom each person counts: another one where accounts were linked, null where excluded. */
  countsAs: (number | null)[];
}

const dayMs = 86_400_000;
const platforms = ["web", "ios", "android"];
const zone = "America/New_York";

/** A seeded generator of numbers from 0 to below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Invents people over 90 days that end on a Friday morning and hold the end of summer time: they sign up all along,
 * come more on weekdays, grow tired, some come back. A few have two accounts, a few are staff.
 */
export function inventPopulation(people: number, seed: number): Population {
  const random = seeded(seed);
  const now = Date.parse("2026-11-20T15:02:00Z");
  const calendar = new Calendar([{ from: 0, zone }]);
  const visits: Visit[] = [];
  const signUps: string[] = [];
  const platformOf: string[] = [];
  for (let person = 0; person < people; person++) {
    const signedUp = now - Math.floor(random() * 120) * dayMs - Math.floor(random() * dayMs);
    signUps.push(calendar.dateAt(signedUp));
    platformOf.push(platforms[Math.floor(random() * random() * platforms.length)] ?? "web");
    let keenness = 0.1 + random() * 0.7;
    for (let at = signedUp; at < now; at += dayMs) {
      const weekend = [0, 6].includes(new Date(at).getUTCDay());
      if (random() < keenness * (weekend ? 0.5 : 1) && at > now - 90 * dayMs) {
        visits.push({ person, at: Math.min(now - 1, at + Math.floor(random() * 8 * 3_600_000)) });
      }
      keenness = random() < 0.01 ? 0.6 : keenness * 0.96;
    }
  }
  const countsAs: (number | null)[] = Array.from({ length: people }, (_, person) => person);
  for (let pair = 0; pair < people / 500; pair++) countsAs[pair * 2] = pair * 2 + 1;
  for (let staff = 1; staff <= people / 1000; staff++) countsAs[people - staff] = null;
  visits.sort((a, b) => a.at - b.at);
  return { now, zone, calendar, visits, signUps, platforms: platformOf, countsAs };
}

/** Brings a population into a roll-up the way its beats would come: Worker, shards, pushes; then links and exclusions. */
export async function rollUp(population: Population): Promise<RollupState> {
  const { now, zone: timeZone, calendar, visits, signUps, platforms: platformOf, countsAs } = population;
  const hasher = await UserHasher.from(new Uint8Array(32).fill(5));
  const rollup = new RollupState(new MemoryStore(), hasher.keyId);
  rollup.settings.change({ timeZone, dimensions: ["platform"] }, now);
  const shards = Array.from({ length: 4 }, () => new ShardState(new MemoryLog(), hasher.keyId));
  const record = async (index: number, parts: ActivityPart[]) => {
    const shard = shards[index] as ShardState;
    shard.record(parts);
    shard.commit();
    await shard.push(async (pushed) => rollup.absorb(pushed), now);
  };
  const batch = new ActivityBatch(calendar, shards.length, new Acknowledged(10));
  const ingest = new Ingest(batch, record, {
    now,
    maxAgeMs: 400 * dayMs,
    dimensions: ["platform"],
    facts: {},
    calendar,
    counters: new Counters(),
    isBot: false,
    isProven: false,
    allowedValues: {},
    hasher,
  });
  for (const { person, at } of visits) {
    const dimensions = { platform: platformOf[person] };
    const refused = ingest.add({ user: `user-${person}`, at, since: signUps[person], dimensions });
    if (refused !== null) throw new Error(refused);
    if (ingest.isFull) await ingest.flush();
  }
  await ingest.flush();

  const daysOf = new Map<number, Set<string>>();
  for (const { person, at } of visits) {
    if (countsAs[person] === person) continue;
    daysOf.set(person, (daysOf.get(person) ?? new Set()).add(calendar.dateAt(at)));
  }
  for (const [person, as] of countsAs.entries()) {
    if (as === person) continue;
    const user = hasher.hash("user", `user-${person}`);
    const change: AliasChange =
      as === null
        ? { do: "exclude", user }
        : { do: "link", user, to: hasher.hash("user", `user-${as}`), onlyIfFree: false };
    rollup.identities.change([change]);
    rollup.identities.movePast(change, serverClaim({ days: [...(daysOf.get(person) ?? [])] }, calendar, now));
  }
  return rollup;
}
