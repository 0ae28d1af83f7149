import { expect, test } from "vitest";
import { type Resolution, secondsToNext } from "../../worker/counting/resolution.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone } from "../../worker/counting/series.ts";
import { ActivityBatch } from "../../worker/ingest/activity-batch.ts";
import { encode, entryOf, HyperLogLog } from "../../worker/sketch/index.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { seeded } from "../support/population.ts";

const [minuteMs, slotMs, hourMs, dayMs] = [60_000, 300_000, 3_600_000, 86_400_000];
/** Clocks in Berlin are set back on October 25. */
const begin = Date.parse("2026-10-05T00:00:00+02:00");
const now = Date.parse("2026-11-12T10:02:30Z");
const keyId = 1;

/** When somebody has the app open. */
interface Visit {
  person: number;
  from: number;
  to: number;
}

const people = 400;
const random = seeded(7);
const entries = Array.from({ length: people }, () =>
  entryOf((random() * 2 ** 32) | 0, (random() * 2 ** 32) | 0),
);
/** Most are short, some go on over midnights; all end late enough in a slot for its beat. */
const visits = Array.from({ length: 900 }, (): Visit => {
  const from =
    begin + Math.floor((random() * (now - begin)) / slotMs) * slotMs + Math.floor(random() * minuteMs);
  const slots = Math.floor(random() < 0.1 ? random() * 900 : random() * 12);
  return {
    person: Math.floor(random() * people),
    from,
    to: Math.floor(from / slotMs) * slotMs + slots * slotMs + 2 * minuteMs,
  };
});

class World {
  readonly state = new RollupState(new MemoryStore(), keyId);
  /** Beats that were sent, and sketches that they touched. */
  beats = 0;
  rows = 0;

  readonly #resolutions: { from: number; resolution: Resolution }[] = [];

  constructor(resolution: Resolution) {
    this.#resolutions.push({ from: -Infinity, resolution });
    expect(this.state.settings.change({ timeZone: "Europe/Berlin", resolution }, begin - dayMs)).toBeNull();
  }

  change(resolution: Resolution, from: number): void {
    expect(this.state.settings.change({ resolution }, from)).toBeNull();
    this.#resolutions.push({ from, resolution });
  }

  /** Beats as clients send them: at once, and early in the slot that the service names. */
  visit({ person, from, to }: Visit): void {
    const { calendar } = this.state;
    for (let at = from; at < Math.min(to, now);) {
      const { resolution } = this.#resolutions.findLast((since) => since.from <= at)!;
      const batch = new ActivityBatch(calendar, 1, resolution);
      batch.add({ entry: entries[person]!, shardHash: 0 }, at, { everyPeriod: [everyone], dayOnly: [] }, at);
      for (const { entries: seen, ...of } of batch.take().get(0) ?? []) {
        const sketch = new HyperLogLog(keyId);
        for (const entry of seen) sketch.add(entry);
        this.state.absorb([{ ...of, sketch: encode(sketch) }]);
        this.rows++;
      }
      this.beats++;
      const slot = Math.floor(at / slotMs) * slotMs;
      at = slot + secondsToNext(resolution, at, calendar) * 1000 + Math.floor(random() * minuteMs);
    }
  }
}

/** How many were there, exactly. */
function truth(from: number, to: number): number {
  return new Set(visits.filter((visit) => visit.from < to && visit.to > from).map(({ person }) => person))
    .size;
}

const worlds = (["5m", "1h", "1d"] as const).map((resolution) => {
  const world = new World(resolution);
  for (const visit of visits) world.visit(visit);
  return { resolution, world };
});

test.each(worlds)(
  "at $resolution every day, week and month is what an exact set says",
  ({ world: { state } }) => {
    const days = state.calendar.daysBetween(begin, now);
    expect(days.some(({ start, end }) => end - start === 25 * hourMs)).toBe(true);
    for (const [length, name] of [
      [1, "day"],
      [7, "week"],
      [30, "month"],
    ] as const) {
      for (let index = 0; index + length < days.length; index += length) {
        const [from, to] = [days[index]!.start, days[index + length - 1]!.end];
        const told = state.count(from, to, now);
        expect([name, index, told.from, told.to, told.count]).toEqual([
          name,
          index,
          from,
          to,
          truth(from, to),
        ]);
      }
    }
  },
);

test.each(worlds)(
  "at $resolution rolling 24h, 7d and 30d hold the exact count in their bounds",
  ({ world: { state } }) => {
    for (const length of [1, 7, 30]) {
      const told = state.count(now - length * dayMs, now, now, { of: "everyone" }, "between");
      expect([told.from, told.to]).toEqual([now - length * dayMs, now]);
      const exact = truth(told.from, now);
      expect([length, told.low! <= exact && exact <= told.high!]).toEqual([length, true]);
      const { outer } = told.covers!;
      expect(told.low).toBeGreaterThanOrEqual(0);
      expect(told.high).toBeLessThanOrEqual(truth(outer.from, now) + 1);
    }
  },
);

test("a coarser resolution takes fewer beats, and each touches fewer sketches", () => {
  const [fine, hourly, daily] = worlds.map(({ world }) => world) as [World, World, World];
  expect(hourly.beats).toBeLessThan(fine.beats / 2);
  expect(daily.beats).toBeLessThan(hourly.beats / 2);
  expect([fine, hourly, daily].map(({ rows, beats }) => rows / beats)).toEqual([3, 2, 1]);
});

test("a rolling window shorter than what is counted isn't told, and why is", () => {
  const rolling = (resolution: Resolution, lengthMs: number) => {
    const { state } = worlds.find((each) => each.resolution === resolution)!.world;
    const { count, reason } = state.count(now - lengthMs, now, now, { of: "everyone" }, "between");
    return count === null ? reason : "told";
  };
  expect(rolling("5m", 5 * minuteMs)).toBe("told");
  expect(rolling("1h", 5 * minuteMs)).toBe(
    "the app counts only hours and longer periods: see the resolution setting",
  );
  expect(rolling("1h", hourMs)).toBe("told");
  expect(rolling("1d", 5 * minuteMs)).toBe(
    "the app counts only days and longer periods: see the resolution setting",
  );
  expect(rolling("1d", 23 * hourMs)).toBe(
    "the app counts only days and longer periods: see the resolution setting",
  );
  expect(rolling("1d", dayMs)).toBe("told");
});

test("after a change to and fro no window takes a time that was not counted for one when nobody came", () => {
  const { state } = worlds[0]!.world;
  const [toDays, back] = [now - 20 * hourMs, now - 18 * hourMs];
  const world = new World("5m");
  world.change("1d", toDays);
  world.change("5m", back);
  for (const visit of visits) world.visit(visit);
  // Minutes are whole again from the next midnight in Berlin on, ten hours before now.
  const from = Date.parse("2026-11-12T00:00:00+01:00");
  expect(world.state.settings.countedFrom()).toEqual({ slot: from, hour: from });
  for (let hours = 1; hours <= 72; hours++) {
    const start = now - hours * hourMs;
    const told = world.state.count(start, now, now);
    expect([hours, told.from <= start, told.count]).toEqual([hours, true, truth(told.from, now)]);
    if (start > from) expect(told.from).toBe(state.count(start, now, now).from);
  }
});

test("the next heartbeat makes a difference in the next slot, hour or day of the app's zone", () => {
  const { calendar } = worlds[0]!.world.state;
  const at = (time: string, resolution: Resolution) => secondsToNext(resolution, Date.parse(time), calendar);
  expect(at("2026-10-24T10:58:59Z", "5m")).toBe(300);
  expect(at("2026-10-24T10:58:59Z", "1h")).toBe(300);
  expect(at("2026-10-24T10:04:59Z", "1h")).toBe(3600);
  expect(at("2026-10-24T22:00:00Z", "1d")).toBe(25 * 3600);
  expect(at("2026-10-25T22:57:00Z", "1d")).toBe(300);
});
