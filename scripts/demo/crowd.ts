import { setTimeout as sleep } from "node:timers/promises";
import { startHeartbeat } from "../../sdk/heartbeat.ts";
import type { Headcount, KeyValueStorage, Lifecycle } from "../../sdk/index.ts";
import { draw } from "./draw.ts";
import { type Person, type Population, userOf } from "./population.ts";

/** Somebody with the page open. */
interface Visit {
  headcount: Headcount;
  leavesAt: number;
  /** When somebody who is new here signs up, which makes a user of an anonymous installation; or null. */
  signsUpAt: number | null;
  person: Person;
}

const tickMs = 250;
/** How many have the page open on average, and how much that swings within half an hour. */
const [meanOpen, swing, swingMs] = [320, 0.22, 30 * 60_000];
const meanVisitMs = 6 * 60_000;
/** The first come quickly, so that there is something to see; afterwards a few a second at most. */
const [rushMs, rushPerTick, calmPerTick] = [20_000, 6, 2];
/** So many make a page look alive. */
const gatheredSize = 80;
/** Of those who come, who is here for the first time. */
const newcomers = 0.006;

/**
 * A few hundred people who come and go. Each is the SDK's own core between a page and a storage of its own, and
 * reports over HTTP as a browser would.
 */
export class Crowd {
  readonly #endpoint: string;
  readonly #key: string;
  readonly #population: Population;
  readonly #here = new Map<number, Visit>();
  #beganAt = 0;
  /** Who comes today: the crowd changes, the day's people are as many as on other days. */
  #comers: { day: number; people: Person[] } = { day: -1, people: [] };
  #arrivals = 0;
  #nextNewcomer = 10_000_000;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(endpoint: string, publicKey: string, population: Population, now: number) {
    this.#endpoint = endpoint;
    this.#key = publicKey;
    this.#population = population;
    // Whoever comes later in one run of the demo is not who came in another.
    this.#arrivals = Math.floor(now / 1000) % 1_000_000;
    this.#nextNewcomer += this.#arrivals * 1000;
  }

  start(): void {
    this.#beganAt = Date.now();
    this.#timer = setInterval(() => this.#tick(Date.now()), tickMs);
  }

  /** Resolves once enough are here for a page to show life, or once all have been sent home. */
  async gathered(): Promise<void> {
    while (this.#timer !== undefined && this.#here.size < gatheredSize) await sleep(tickMs);
  }

  /** Sends everybody home. Nothing of them is left running. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { headcount } of this.#here.values()) headcount.shutdown();
    this.#here.clear();
  }

  #tick(now: number): void {
    for (const [number, visit] of this.#here) {
      if (visit.signsUpAt !== null && visit.signsUpAt <= now) {
        visit.headcount.identify(userOf(visit.person), this.#population.aboutOf(visit.person));
        visit.signsUpAt = null;
      }
      if (visit.leavesAt <= now) {
        visit.headcount.shutdown();
        this.#here.delete(number);
      }
    }
    const phase = ((now - this.#beganAt) / swingMs) * 2 * Math.PI;
    const wanted = meanOpen * (1 + swing * Math.sin(phase));
    const most = now - this.#beganAt < rushMs ? rushPerTick : calmPerTick;
    for (let some = Math.min(most, wanted - this.#here.size); some >= 1; some--) this.#arrive(now);
  }

  #arrive(now: number): void {
    const nth = this.#arrivals++;
    const today = this.#population.dayAt(now);
    const isNew = draw(nth, 1) < newcomers;
    const person = isNew ? this.#newcomer(today) : this.#somebody(nth, today);
    if (person === undefined || this.#here.has(person.number)) return;
    const page: Lifecycle = { isVisible: () => true, subscribe: () => () => {} };
    const options = {
      endpoint: this.#endpoint,
      key: this.#key,
      storage: ownStorage(),
      lifecycle: page,
    };
    const headcount = startHeartbeat(options);
    if (!isNew) headcount.identify(userOf(person), this.#population.aboutOf(person));
    this.#here.set(person.number, {
      headcount,
      person,
      signsUpAt: isNew ? now + 10_000 + draw(nth, 2) * 60_000 : null,
      leavesAt: now + 90_000 - Math.log(1 - draw(nth, 3)) * meanVisitMs,
    });
  }

  /** One of those who come today. */
  #somebody(nth: number, today: number): Person | undefined {
    if (this.#comers.day !== today) this.#comers = { day: today, people: this.#population.comersOf(today) };
    const { people } = this.#comers;
    return people[Math.floor(draw(nth, 4) * people.length)];
  }

  #newcomer(today: number): Person {
    return this.#population.personAt(this.#nextNewcomer++, today);
  }
}

function ownStorage(): KeyValueStorage {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
  };
}
