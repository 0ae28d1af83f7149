import type { CohortRow } from "../../sdk/wire.ts";
import { type CutDay, cutDays } from "../counting/history.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { seriesOf } from "../counting/series.ts";
import { cohortDays, dayMs } from "../limits.ts";
import { blank, type Figure, percent } from "./figures.ts";

export const retentionDefinition = "retention/1";

export type Interval = "day" | "week";

/** Whole days, or weeks from Monday, in order, the last of which holds the present. */
export interface Span {
  /** Its first day. */
  date: string;
  days: CutDay[];
}

/** The longest that day cohorts are followed, and week cohorts: a year and a bit. */
export const maxCohorts = { day: cohortDays, week: 60 } as const;

/**
 * Cohorts by the day or week of their first appearance (a beat's `since`). Period 0 is the cohort's own interval. A
 * cohort's size is everybody of it who was ever seen, so that who signs up on Sunday and comes on Monday is in it.
 */
export function retention(
  state: RollupState,
  interval: Interval,
  cohorts: number,
  periods: number,
  now: number,
): CohortRow[] {
  const name = interval === "day" ? "cohort" : "week";
  const spans = spansUntil(state, interval, cohorts, now);
  return spans.map((span, index) => {
    const series = seriesOf(name, span.date);
    const count = (days: readonly CutDay[]): Figure => {
      const reason = whyBlank(state, days, now);
      if (reason !== null) return blank(reason);
      return state
        .people(
          days.flatMap((day) => day.pieces),
          series,
        )
        .counted();
    };
    const since = spans.slice(index);
    const size = count(since.flatMap(({ days }) => days));
    return {
      cohort: span.date,
      size,
      periods: since.slice(0, periods).map(({ days }, period) => {
        const figure = count(days);
        const rate = figure.count === null || !size.count ? null : percent(figure.count, size.count);
        return { period, ...figure, rate };
      }),
    };
  });
}

/** The last `count` days or weeks, the running one included. */
export function spansUntil(state: RollupState, interval: Interval, count: number, now: number): Span[] {
  const { calendar } = state;
  const today = calendar.dateAt(now);
  const current = calendar.calendarPeriod(interval, today);
  const width = interval === "day" ? 1 : 7;
  // From the middle of the first day, so that a change of clocks can't land on its neighbour.
  const start = calendar.calendarPeriod(
    interval,
    calendar.dateAt(current.from - (count - 1) * width * dayMs + dayMs / 2),
  );
  const spans: Span[] = [];
  for (const day of cutDays(calendar, start.from, now + 1)) {
    const last = spans.at(-1);
    if (
      interval === "week" &&
      last !== undefined &&
      calendar.weekOf(day.date) === calendar.weekOf(last.date)
    ) {
      last.days.push(day);
    } else {
      spans.push({ date: interval === "week" ? calendar.weekOf(day.date) : day.date, days: [day] });
    }
  }
  return spans.slice(-count);
}

/** Why nothing is known of these days, or null. */
export function whyBlank(state: RollupState, days: readonly CutDay[], now: number): string | null {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return "there are no such days";
  return state.whyBlank({ from: first.from, to: last.to }, now);
}
