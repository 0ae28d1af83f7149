import { cutDays } from "../../worker/counting/history.ts";
import type { RollupState } from "../../worker/counting/rollup-state.ts";
import { engagement } from "../../worker/query/engagement.ts";
import { lifecycle } from "../../worker/query/lifecycle.ts";
import { retention, spansUntil } from "../../worker/query/retention.ts";
import { timeseries } from "../../worker/query/timeseries.ts";
import type { Population } from "./population.ts";

/** A figure that was stated, beside the truth. */
export interface FigurePair {
  name: string;
  count: number | null;
  low: number | null;
  high: number | null;
  exact: number;
  /** Whether it is a difference of counts, which has the errors of both. */
  isDifference?: boolean;
}

interface Stated {
  count: number | null;
  low: number | null;
  high: number | null;
}

const dayMs = 86_400_000;

/** Every kind of figure for a population, each beside what counting heads gives. */
export function figurePairs(population: Population, state: RollupState): FigurePair[] {
  const { now, calendar, visits, countsAs, platforms, signUps } = population;
  const pairs: FigurePair[] = [];
  const note = (name: string, { count, low, high }: Stated, exact: number, isDifference = false) =>
    pairs.push({ name, count, low, high, exact, isDifference });

  /** The index of the first visit at or after an instant. */
  const firstFrom = (instant: number) => {
    let [low, high] = [0, visits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((visits[middle]?.at ?? 0) < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  /** The people, as whom they count, of the visits in a stretch of time. */
  const between = (from: number, to: number, of: (person: number) => boolean = () => true) => {
    const people = new Set<number>();
    for (const { person } of visits.slice(firstFrom(from), firstFrom(to))) {
      const as = countsAs[person];
      if (as != null && of(person)) people.add(as);
    }
    return people;
  };
  const days = cutDays(calendar, now - 91 * dayMs, now + 1);
  const byDay = new Map(days.map((day) => [day.date, between(day.from, day.to)]));
  const lastDays = (index: number, width: number) =>
    new Set(
      days
        .slice(Math.max(0, index - width + 1), index + 1)
        .flatMap((day) => [...(byDay.get(day.date) ?? [])]),
    );

  const windows: [name: string, from: number, to: number][] = [
    ...([1, 7, 30, 60] as const).map((n): [string, number, number] => [
      `active, ${n} d`,
      now - n * dayMs,
      now,
    ]),
    ["active, 30 min", now - 30 * 60_000, now],
    ["active since an instant", now - 12 * 3_600_000 - 1234, now],
    ["active, two days a week ago", now - 9 * dayMs, now - 7 * dayMs],
    ...(["day", "week", "month"] as const).map((unit): [string, number, number] => {
      const { from, to } = calendar.calendarPeriod(unit, "2026-10-28");
      return [`active, calendar ${unit}`, from, to];
    }),
  ];
  for (const [name, from, to] of windows) {
    const counted = state.count(from, to, now);
    note(name, counted, between(counted.from, counted.to).size);
    const split = state.count(from, to, now, { of: "groups", dimension: "platform" });
    for (const group of split.groups ?? []) {
      const exact = between(split.from, split.to, (person) => platforms[person] === group.value);
      note(`${name}, platform ${group.value}`, group, exact.size);
    }
  }
  for (const row of engagement(state, { of: "everyone" }, now)) {
    if (!("window" in row)) continue;
    const was = row["previous"] as Stated & { from: string; to: string };
    note(`engagement, ${row.metric} before`, was, between(Date.parse(was.from), Date.parse(was.to)).size);
  }
  const series = { from: days[30]?.from ?? 0, to: now + 1, series: "", by: null };
  for (const [metric, width] of [
    ["dau", 1],
    ["wau", 7],
    ["mau", 30],
  ] as const) {
    for (const point of timeseries(state, { metric, ...series }, now)) {
      const index = days.findIndex((day) => day.date === point.date);
      note(`${metric} of ${point.date}`, point as unknown as Stated, lastDays(index, width).size);
    }
  }
  const isSeen = new Set(visits.map(({ person }) => person));
  /** Somebody linked is of the cohort of whom they count as, if that one was ever seen. */
  const firstDayOf = (person: number) => {
    const as = countsAs[person];
    return signUps[as != null && isSeen.has(as) ? as : person] ?? "";
  };
  const newOn = (dates: readonly string[], active: Iterable<string>) => {
    const people = new Set<number>();
    for (const date of active) {
      const day = days.find((one) => one.date === date);
      if (day === undefined) continue;
      for (const person of between(day.from, day.to, (one) => dates.includes(firstDayOf(one))))
        people.add(person);
    }
    return people;
  };
  for (const point of timeseries(state, { metric: "new", ...series, from: now - 10 * dayMs }, now)) {
    note(`new on ${point.date}`, point as unknown as Stated, newOn([point.date], [point.date]).size);
  }
  for (const interval of ["day", "week"] as const) {
    const spans = spansUntil(state, interval, 8, now);
    const datesOf = (index: number) => spans[index]?.days.map(({ date }) => date) ?? [];
    for (const [index, row] of retention(
      state,
      { interval, cohorts: 8, periods: 8, scope: { of: "everyone" } },
      now,
    ).entries()) {
      for (const period of row.periods) {
        const exact = newOn(datesOf(index), datesOf(index + period.period)).size;
        note(`retention, ${interval} of ${row.cohort}, period ${period.period}`, period, exact);
      }
    }
    const before = spansUntil(state, interval, 9, now);
    const active = before.map(
      (span) => new Set(span.days.flatMap(({ date }) => [...(byDay.get(date) ?? [])])),
    );
    for (const [index, row] of lifecycle(state, interval, 8, now).entries()) {
      const dates = before[index + 1]?.days.map(({ date }) => date) ?? [];
      const [was, is] = [active[index] ?? new Set<number>(), active[index + 1] ?? new Set<number>()];
      const fresh = newOn(dates, dates);
      const returning = [...is].filter((person) => was.has(person)).length;
      const resurrected = [...is].filter((person) => !was.has(person) && !fresh.has(person)).length;
      note(`new, ${interval} of ${row.period}`, row.new, fresh.size);
      note(`returning, ${interval} of ${row.period}`, row.returning, returning, true);
      note(`resurrected, ${interval} of ${row.period}`, row.resurrected, resurrected, true);
      note(`dormant, ${interval} of ${row.period}`, row.dormant, was.size - returning, true);
    }
  }
  return pairs;
}
