import type { AliasChange } from "../../worker/counting/aliases.ts";
import type { Identities } from "../../worker/counting/identities.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { installationClaim, serverClaim } from "../../worker/ingest/claims.ts";
import { encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "./memory-store.ts";
import { seeded } from "./population.ts";

const dayMs = 86_400_000;
const begin = Date.UTC(2026, 9, 1);
const keyId = 7;

/** Of some people 40 % come each day; what becomes of 1 % of those is up to the cell. */
interface World {
  state: RollupState;
  /** Who was there on each day, by number. */
  present: Set<number>[];
  random: () => number;
  /** A user as hashed: the same for the same name in one world. */
  user: (name: string) => { entry: number; shardHash: number };
}

export type Cell = (world: World, day: number, person: number, notes: Notes) => void;
interface Notes {
  /** Somebody is there under another entry. */
  alsoThere: (name: string) => void;
  /** What is said once the day's activity is in. */
  later: (say: (state: RollupState) => void) => void;
  /** The person is not counted, on this day or any other. */
  isNobody: (person: number) => void;
}

function change(state: RollupState, wanted: AliasChange, claim: Parameters<Identities["movePast"]>[1]): void {
  state.identities.change([wanted]);
  state.identities.movePast(wanted, claim);
}

/** What becomes of one in a hundred of a day's people. */
export const cells: Record<string, Cell> = {
  "a sign-in on a new device": ({ user, state }, day, person, { alsoThere, later }) => {
    const device = `device ${person}/${day}`;
    alsoThere(device);
    later(() => {
      const now = begin + (day + 0.5) * dayMs;
      const wanted = { do: "link", user: user(device), to: user(`u ${person}`), onlyIfFree: true } as const;
      const link = { anonymous: device, first: now - 60_000, days: 1, now };
      change(state, wanted, installationClaim(link, state.calendar, now, [""], false));
    });
  },
  "a second account that is merged, with the days": ({ user, state, random }, day, person, notes) => {
    const account = `account ${person}/${day}`;
    notes.alsoThere(account);
    const now = begin + (day + 0.9) * dayMs;
    notes.later(() => {
      const wanted = { do: "link", user: user(account), to: user(`u ${person}`), onlyIfFree: false } as const;
      const days = [new Date(begin + day * dayMs).toISOString().slice(0, 10)];
      change(state, wanted, serverClaim({ days }, state.calendar, now + random()));
    });
  },
  "an exclusion": ({ user, state }, day, person, { later, isNobody }) => {
    isNobody(person);
    later(() => {
      const now = begin + (day + 0.9) * dayMs;
      change(
        state,
        { do: "exclude", user: user(`u ${person}`) },
        serverClaim({ days: null }, state.calendar, now),
      );
    });
  },
};

/** A figure as it is told, and what it should be. */
export interface Outcome {
  count: number;
  low: number;
  high: number;
  truth: number;
  /** What a sketch of just the right people says, so that what links and exclusions do can be told from its own error. */
  sketched: number;
}

/** Lives through `days` days of one world. Returns how its first day, its first week and all of it came out. */
export function live(seed: number, people: number, days: number, cell: Cell): Outcome[] {
  const random = seeded(seed);
  const hashes = new Map<string, { entry: number; shardHash: number }>();
  const user = (name: string) => {
    let hash = hashes.get(name);
    if (hash === undefined) {
      const [hi, lo] = [random() * 2 ** 32, random() * 2 ** 32];
      hash = { entry: entryOf(hi | 0, lo | 0), shardHash: lo >>> 0 };
      hashes.set(name, hash);
    }
    return hash;
  };
  const entries = Array.from({ length: people }, (_, person) => user(`u ${person}`).entry);
  const world: World = { state: new RollupState(new MemoryStore(), keyId), present: [], random, user };
  const nobody = new Set<number>();
  for (let day = 0; day < days; day++) {
    const sketch = new HyperLogLog(keyId);
    const there = new Set<number>();
    const sayings: ((state: RollupState) => void)[] = [];
    for (let person = 0; person < people; person++) {
      if (random() >= 0.4) continue;
      there.add(person);
      if (nobody.has(person)) continue;
      sketch.add(entries[person] as number);
      if (random() >= 0.01) continue;
      cell(world, day, person, {
        alsoThere: (name) => sketch.add(user(name).entry),
        later: (say) => sayings.push(say),
        isNobody: (who) => nobody.add(who),
      });
    }
    world.present.push(there);
    const start = begin + day * dayMs;
    world.state.absorb([{ kind: "day", start, end: start + dayMs, series: "", sketch: encode(sketch) }]);
    for (const say of sayings) say(world.state);
  }
  const end = begin + days * dayMs;
  const figure = (from: number, to: number) => {
    const truth = new Set<number>();
    for (let day = from; day < to; day++) for (const person of world.present[day] ?? []) truth.add(person);
    for (const person of nobody) truth.delete(person);
    const right = new HyperLogLog(keyId);
    for (const person of truth) right.add(entries[person] as number);
    const told = world.state.count(begin + from * dayMs, begin + to * dayMs, end);
    const { count, low, high } = { count: told.count ?? 0, low: told.low ?? 0, high: told.high ?? 0 };
    return { count, low, high, truth: truth.size, sketched: right.count() };
  };
  return [figure(0, 1), figure(0, 7), figure(0, days)];
}
