import { expect, test } from "vitest";
import { installationClaim } from "../../worker/ingest/claims.ts";
import { retention } from "../../worker/query/retention.ts";
import { timeseries } from "../../worker/query/timeseries.ts";
import { countedApp, type CountedApp } from "../support/counted-app.ts";
import { seeded } from "../support/population.ts";

const [dayMs, hourMs, slotMs] = [86_400_000, 3_600_000, 300_000];
const zones = ["Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "America/Los_Angeles"];

/** Ten days in which the clocks of Berlin and of Los Angeles change. */
const begin = Date.parse("2026-10-24T00:00:00Z");
const end = begin + 10 * dayMs;

/** So few people that all sketches are exact: whatever is off is so for another reason. */
const newADay = 200;
const known = 500;

/** What the date is somewhere, as engines know it, not as the service does. */
function dates(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const byQuarter = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(at / 900_000);
    const date = byQuarter.get(quarter) ?? format.format(at);
    byQuarter.set(quarter, date);
    return date;
  };
}

interface Visit {
  person: string;
  at: number;
  /** When the person first appeared: the SDK notes the slot. */
  since: number;
}

/** Instants between 8 and 24 o'clock of a day in a zone, most of them in the evening. */
function waking(zone: string, random: () => number): (day: number) => number {
  const hour = new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", hourCycle: "h23" });
  // Where the clock shows midnight, give or take the hour by which it changes.
  const midnight = Array.from({ length: 48 }, (_, half) => begin + half * (hourMs / 2)).find(
    (at) => Number(hour.format(at)) === 0,
  )!;
  return (day) => Math.floor(midnight + day * dayMs + (8 + 16 * Math.sqrt(random())) * hourMs);
}

/** People of some zones: those who are known since long, and new ones each day, who come again on some days. */
function visitsOf(of: readonly string[], seed: number): Visit[] {
  const random = seeded(seed);
  const visits: Visit[] = [];
  const clocks = of.map((zone) => waking(zone, random));
  const come = (person: string, from: number, first: number | null, instant: (day: number) => number) => {
    const since = Math.floor((first ?? begin - 200 * dayMs) / slotMs) * slotMs;
    if (first !== null) visits.push({ person, at: first, since });
    for (let day = from; day < 10; day++) {
      if (random() < 0.4) visits.push({ person, at: instant(day), since });
    }
  };
  for (let person = 0; person < known; person++) {
    come(`known ${person}`, 0, null, clocks[person % of.length]!);
  }
  for (let day = 0; day < 10; day++) {
    for (let person = 0; person < newADay; person++) {
      const instant = clocks[person % of.length]!;
      come(`new ${day}/${person}`, day + 1, instant(day), instant);
    }
  }
  return visits.filter(({ at }) => at >= begin && at < end).toSorted((a, b) => a.at - b.at);
}

/** How many first appeared on each date, exactly. */
function firstOn(visits: readonly Visit[], dateOf: (at: number) => string): Map<string, number> {
  const people = new Map(
    visits.filter(({ since }) => since >= begin).map(({ person, since }) => [person, dateOf(since)]),
  );
  const counts = new Map<string, number>();
  for (const date of people.values()) counts.set(date, (counts.get(date) ?? 0) + 1);
  return counts;
}

function newByDate({ state }: CountedApp): Map<string, number> {
  const question = { metric: "new", from: begin, to: end, series: "", by: null } as const;
  const points = timeseries(state, question, end);
  return new Map(points.map(({ date, count }) => [date, count ?? Number.NaN]));
}

const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);

test.each(["UTC", ...zones])("an app in %s is told who is new, wherever the people are", async (zone) => {
  const dateOf = dates(zone);
  for (const [index, of] of [...zones.map((one) => [one]), zones].entries()) {
    const visits = visitsOf(of, index + 1);
    const app = await countedApp(zone, end, { key: index + 1 });
    for (const { person, ...beat } of visits) await app.add({ user: person, ...beat });
    await app.flush();

    const [truth, told] = [firstOn(visits, dateOf), newByDate(app)];
    // Two people may share an address: one in thousands, on any day at most one.
    const isOff = [...truth].filter(([date, count]) => !(Math.abs(told.get(date)! - count) <= 1));
    expect([of, isOff]).toEqual([of, []]);
    const all = sum(Array.from(truth.keys(), (date) => told.get(date)!));
    expect(Math.abs(all / sum(truth.values()) - 1)).toBeLessThan(0.005);

    const cohorts = { interval: "day", cohorts: 10, periods: 1, scope: { of: "everyone" } } as const;
    for (const { cohort, size, followed } of retention(app.state, cohorts, end)) {
      const isRight = Math.abs(size.count! - (truth.get(cohort) ?? 0)) <= 1;
      expect([of, cohort, followed ?? 1, isRight]).toEqual([of, cohort, 1, true]);
    }
  }
});

test("somebody known who signs in on a new device is not new, and newcomers there are, where the app says since when", async () => {
  const app = await countedApp("Asia/Kolkata", end);
  const { calendar, hasher } = app;
  const days = Array.from({ length: 10 }, (_, day) => begin + day * dayMs + 5 * hourMs);
  for (const [day, at] of days.entries()) {
    for (let person = 0; person < known; person++) {
      await app.add({ user: `known ${person}`, at, since: begin - 60 * dayMs });
    }
    // Each day a tenth of them comes to a new device first, and as many newcomers sign up after a look around.
    const later = at + hourMs;
    const signIns = Array.from({ length: known / 10 }, (_, index) => [
      { user: `known ${day * (known / 10) + index}`, since: begin - 60 * dayMs },
      { user: `new ${day}/${index}`, since: at },
    ]).flat();
    for (const [index, { user, since }] of signIns.entries()) {
      await app.add({ anonymous: `device ${day}/${index}`, at, since: at });
      await app.add({ user, at: later, since });
    }
    await app.flush();
    for (const [index, { user }] of signIns.entries()) {
      const anonymous = `device ${day}/${index}`;
      const [from, to] = [hasher.hash("anonymous", anonymous), hasher.hash("user", user)];
      const claim = installationClaim(
        { anonymous, first: at, days: 1, now: later },
        calendar,
        later,
        [""],
        false,
      );
      app.change({ do: "link", user: from, to, onlyIfFree: true }, claim);
    }
  }
  const told = newByDate(app);
  expect(days.map((at) => told.get(calendar.dateAt(at)))).toEqual(days.map(() => known / 10));
});
