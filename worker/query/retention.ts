import type { CohortFigures, CohortRow } from "../../sdk/wire.ts";
import { cohortSeries, type CutDay, cutDays, piecesOf } from "../counting/history.ts";
import { atLeast, atMost } from "../counting/nested.ts";
import type { People } from "../counting/people.ts";
import type { Period } from "../counting/periods.ts";
import type { RollupState, Scope } from "../counting/rollup-state.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import { cohortDays, dayMs } from "../limits.ts";
import { type Counted, intersection, retention as retainedOf } from "../sketch/index.ts";
import { blank, blankRatio, type Figure, percent, shareOrBlank, told, toldOrBlank } from "./figures.ts";
import { followedOf, whyUnfollowed } from "./followed.ts";
import { Shares } from "./shares.ts";
import { type TooMuch, tooManyFits } from "./split-cost.ts";

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

/** A question for cohorts, of all their people, of those with one value, or besides of those with each value. */
export interface CohortQuestion {
  interval: Interval;
  cohorts: number;
  periods: number;
  scope: Scope;
}

/** A span of a cohort's life: who of the cohort was there. */
interface Life {
  followed: number | null;
  everBlank: string | null;
  all: People;
  periods: { reason: string | null; active: People }[];
  /** The periods from the cohort's beginning on. */
  pieces: Period[];
}

/**
 * Cohorts by the day or week of their first appearance (a beat's `since`). Period 0 is the cohort's own interval. A
 * cohort's size is everybody of it who was ever seen, so that who signs up on Sunday and comes on Monday is in it. Of a
 * dimension's value are those who were seen with it since the cohort's beginning.
 */
export function retention(state: RollupState, question: CohortQuestion, now: number): CohortRow[] {
  const { interval, cohorts, scope } = question;
  const shares = new Shares();
  const spans = spansUntil(state, interval, cohorts, now);
  return spans.map(({ date }, index) => {
    const life = lifeOf(state, spans.slice(index), question, now);
    const counts = countsOf(life);
    const head = { cohort: date, followed: life.followed };
    if (scope.of === "series") {
      const everBlank = life.everBlank ?? state.whyHidden(life.pieces, scope.series);
      return { ...head, ...partOf({ ...life, everBlank }, counts, state.people(life.pieces, scope.series)) };
    }
    if (scope.of === "everyone") return { ...head, ...wholeOf(life, counts, shares) };
    const groups = Array.from(state.values(life.pieces, scope.dimension), (value) => ({
      value,
      ...partOf(life, counts, state.people(life.pieces, seriesOf(scope.dimension, value))),
    }));
    return {
      ...head,
      ...wholeOf(life, counts, shares),
      groups: groups.filter(({ size }) => size.count !== 0),
    };
  });
}

function lifeOf(
  state: RollupState,
  since: readonly Span[],
  { interval, periods }: CohortQuestion,
  now: number,
): Life {
  const [first] = since[0]?.days ?? [];
  const series = first === undefined ? everyone : cohortSeries(interval, first, state.calendar);
  const days = since.flatMap((span) => span.days);
  const pieces = piecesOf(days);
  const followed = followedOf(state, since[0]?.days ?? []);
  const unfollowed = whyUnfollowed(followed)?.reason ?? null;
  return {
    followed,
    everBlank: whyBlank(state, days, now) ?? unfollowed,
    all: state.people(pieces, series),
    periods: since.slice(0, periods).map((span) => ({
      reason: whyBlank(state, span.days, now) ?? unfollowed,
      active: state.people(piecesOf(span.days), series),
    })),
    pieces,
  };
}

/** How many people a cohort has, and how many were active in each period. */
interface Counts {
  size: Figure;
  periods: Figure[];
}

function countsOf({ everBlank, all, periods }: Life): Counts {
  const counts = periods.map(({ reason, active }) => (reason === null ? active.counted() : blank(reason)));
  const size = everBlank === null ? atLeastEach(all.counted(), counts) : blank(everBlank);
  return { size, periods: counts };
}

/** Of all people of a cohort. */
function wholeOf(
  { everBlank, all, periods }: Life,
  { size, periods: counts }: Counts,
  shares: Shares,
): CohortFigures {
  return {
    size,
    periods: periods.map(({ reason, active }, period) => {
      const figure = counts[period] as Figure;
      const why = reason ?? everBlank;
      const rateInterval = why === null ? told(shares.of(active, all)) : blankRatio(why);
      return { period, ...figure, rate: rateOf(figure, size), rateInterval };
    }),
  };
}

/** Of those of a cohort who are in another set too, estimated from the sketches of both: never more than there are in the cohort. */
function partOf({ everBlank, all, periods }: Life, whole: Counts, within: People): CohortFigures {
  const retained = periods.map(({ reason, active }) =>
    (reason ?? everBlank) === null ? retainedOf(all, active, within) : null,
  );
  const counts = retained.map((one, period) =>
    one === null
      ? blank(periods[period]?.reason ?? everBlank ?? "")
      : atMostCounted(toldOrBlank(one.active), whole.periods[period] as Figure),
  );
  const size =
    everBlank === null
      ? atMostCounted(toldOrBlank(atLeastEach(intersection(all, within), counts)), whole.size)
      : blank(everBlank);
  return {
    size,
    periods: counts.map((figure, period) => {
      const rate = retained[period] ?? null;
      const rateInterval = rate === null ? blankRatio(figure.reason ?? "") : shareOrBlank(rate.rate);
      return { period, ...figure, rate: rateOf(figure, size), rateInterval };
    }),
  };
}

function rateOf(active: Figure, size: Figure): number | null {
  return active.count === null || !size.count ? null : Math.min(100, percent(active.count, size.count) ?? 0);
}

function atLeastEach(whole: Counted, parts: readonly Figure[]): Counted {
  return parts.reduce((sum, part) => (part.count === null ? sum : atLeast(sum, part)), whole);
}

function atMostCounted(part: Figure, whole: Figure): Figure {
  return part.count === null || whole.count === null ? part : atMost(part, whole);
}

/** Whether a split asks for more figures than one object has the time for. */
export function tooManyCohorts(state: RollupState, question: CohortQuestion, now: number): TooMuch | null {
  const { interval, cohorts, periods, scope } = question;
  if (scope.of !== "groups") return null;
  const days = spansUntil(state, interval, cohorts, now).flatMap((span) => span.days);
  // Of the newest cohort one period is told, of the one before two, and so on.
  const figures = cohorts * Math.min(periods, (cohorts + 1) / 2);
  return tooManyFits(state, piecesOf(days), scope.dimension, figures);
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
  if (first === undefined || last === undefined) return "no such days exist";
  return state.whyBlank({ from: first.from, to: last.to }, now);
}
