import { Calendar } from "../../worker/counting/calendar.ts";
import { removedFrom } from "../../worker/counting/removed.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { everyone, seriesOf } from "../../worker/counting/series.ts";
import { encode } from "../../worker/sketch/index.ts";
import { daysTold, type Life, population } from "../sketch/population.ts";
import { keyId } from "../sketch/random.ts";
import { hashesOf, sketchesOf } from "../sketch/worlds.ts";
import { MemoryStore } from "./memory-store.ts";

const dayMs = 86_400_000;

/** Somebody of an invented app. */
interface Person extends Life {
  platform: "web" | "ios";
  /** Whether they were taken out of all their days. */
  isGone: boolean;
}

/** An invented app whose days were absorbed as sketches, and who was there, exactly. The last day is over. */
export interface SketchedApp {
  state: RollupState;
  store: MemoryStore;
  now: number;
  /** Who counts. */
  people: Person[];
  /** The start of a day, by its number from 0. */
  startOf: (day: number) => number;
  dateOf: (day: number) => string;
}

/** Day 0 is a Monday. */
const firstDay = Date.parse("2026-10-19T00:00:00Z");

/**
 * @param size how many people there are, of whom about two thirds come in the 31 days
 * @param seed of the people's hashes; the people stay the same
 * @param removed which share of them was removed again
 */
export function sketchedApp(size: number, seed: number, { removed = 0.02 } = {}): SketchedApp {
  const lives = population(size, 1).map((life, index): Person => {
    const platform = index % 10 < 7 ? "web" : "ios";
    return { ...life, platform, isGone: (index * 7919) % 1000 < removed * 1000 };
  });
  const calendar = new Calendar([{ from: 0, zone: "UTC" }]);
  const store = new MemoryStore();
  const state = new RollupState(store, keyId);
  const startOf = (day: number) => firstDay + day * dayMs;
  const dateOf = (day: number) => calendar.dateAt(startOf(day));
  const hashes = hashesOf(size, seed);
  // Each series has a sketch a day.
  const absorb = (series: string, isIn: (person: Person) => boolean) => {
    const bits = new Int32Array(size);
    for (let index = 0; index < size; index++) {
      const person = lives[index]!;
      if (isIn(person)) bits[index] = person.days;
    }
    for (const [day, sketch] of sketchesOf(bits, daysTold, hashes).entries()) {
      if (sketch.isEmpty) continue;
      state.absorb([{ ...calendar.dayAt(startOf(day)), series, sketch: encode(sketch) }]);
    }
  };
  const series: [string, (person: Person) => boolean][] = [
    [everyone, () => true],
    ["platform=web", ({ platform }) => platform === "web"],
    ["platform=ios", ({ platform }) => platform === "ios"],
  ];
  for (let day = 0; day < daysTold; day++) {
    series.push([seriesOf("cohort", dateOf(day)), (person) => person.firstDay === day]);
  }
  for (let monday = 0; monday < daysTold; monday += 7) {
    const isIn = (person: Person) => person.firstDay >= monday && person.firstDay < monday + 7;
    series.push([seriesOf("week", dateOf(monday)), isIn]);
  }
  // Of whoever came before day 0 it is known, too, when they first appeared.
  series.push([seriesOf("week", "older"), (person) => person.firstDay < 0]);
  for (const [name, isIn] of series) {
    absorb(name, isIn);
    if (removed > 0) absorb(removedFrom(name), (person) => person.isGone && isIn(person));
  }
  const people = lives.filter(({ isGone }) => !isGone);
  return { state, store, now: startOf(daysTold) + 3_600_000, people, startOf, dateOf };
}

/** The days from one (included) to another (not included), as bits. */
export function daysFrom(from: number, to: number): number {
  let bits = 0;
  for (let day = Math.max(0, from); day < to; day++) bits |= 1 << day;
  return bits;
}

/** How many people were there on any of some days, and on none of others. */
export function countOn(people: readonly Life[], on: number, notOn = 0): number {
  return people.filter(({ days }) => (days & on) !== 0 && (days & notOn) === 0).length;
}

/** Which share of figures hold the truth in their interval. */
export function coverage(
  figures: readonly { low: number | null; high: number | null; truth: number }[],
): number {
  const held = figures.filter(({ low, high, truth }) => (low ?? 0) <= truth && truth <= (high ?? 0));
  return held.length / figures.length;
}
