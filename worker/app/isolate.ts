import type { Env } from "../env.ts";
import { InFlight } from "../http/in-flight.ts";
import { RateLimiter } from "../http/rate-limiter.ts";
import { Readings } from "../http/readings.ts";
import { maxRateBuckets, maxRepeats } from "../limits.ts";
import { GateChoice } from "../live/gate-choice.ts";
import { WaitingSockets } from "../live/waiting-sockets.ts";
import { BadgeCache } from "../query/badge-cache.ts";
import { Apps } from "./apps.ts";
import { inJurisdiction } from "./jurisdiction.ts";
import { Outboxes } from "./outboxes.ts";
import { RecentAnswers } from "./recent-answers.ts";
import { Repeats } from "./repeats.ts";

/**
 * All that one isolate of the Worker keeps from one request to the next: caches and counts, plain data. Losing it costs
 * time and never a figure.
 */
export class Isolate {
  readonly env: Env;
  readonly apps: Apps;
  /** Those of its requests; Durable Objects have their own. */
  readonly outboxes: Outboxes;
  readonly rateLimiter = new RateLimiter(maxRateBuckets);
  readonly readings = new Readings();
  readonly inFlight = new InFlight();
  readonly repeats = new Repeats(maxRepeats);
  readonly gates = new GateChoice(Math.random);
  /** Whether stored data are known to be lost; what is right again is known by a start. */
  isDamaged: boolean;
  readonly waitingSockets = new WaitingSockets();
  readonly badges = new BadgeCache();
  readonly recentAnswers = new RecentAnswers();

  /** @throws Refusal when the platform hasn't the jurisdiction that the environment names */
  constructor(env: Env) {
    this.env = inJurisdiction(env);
    this.isDamaged = Boolean(env.LOST_ROLLUPS);
    this.apps = new Apps(this.env);
    this.outboxes = new Outboxes(this.env);
  }
}

/** By what is bound, with which they go. */
const isolates = new WeakMap<object, { env: Env; isolate: Isolate }[]>();

/** What this isolate keeps for the Worker and the Durable Objects that run in it. */
export function isolateOf(env: Env): Isolate {
  // Some runtimes give the Worker and each of its objects a copy of the environment.
  const known = isolates.get(env.SHARDS) ?? [];
  const held = known.find((each) => isSame(each.env, env));
  if (held !== undefined) return held.isolate;
  const isolate = new Isolate(env);
  isolates.set(env.SHARDS, [...known, { env, isolate }]);
  return isolate;
}

function isSame(a: Env, b: Env): boolean {
  if (a === b) return true;
  const names = Object.keys(a) as (keyof Env)[];
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
