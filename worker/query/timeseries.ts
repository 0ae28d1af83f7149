import type { PointRow, Ratio } from "../../sdk/wire.ts";
import type { Calendar } from "../counting/calendar.ts";
import {
  cohortSeries,
  type CutDay,
  cutDays,
  type DayRow,
  monthDays,
  piecesOf,
  rollingCounts,
  weekDays,
} from "../counting/history.ts";
import { inLine } from "../counting/nested.ts";
import type { People } from "../counting/people.ts";
import type { RollupState, Scope } from "../counting/rollup-state.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import { dayMs, maxPoints, maxSplitPoints, readsPerTurn } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import { type Counted, intersection } from "../sketch/index.ts";
import { blank, blankRatio, type Figure, iso, percent, told, toldOrBlank } from "./figures.ts";
import { followedOf, whyUnfollowed } from "./followed.ts";
import { calendarPeriodIn, choiceIn } from "./members.ts";
import { shareOfCounts, Shares } from "./shares.ts";
import { atOnce, type Turns } from "../counting/turns.ts";
import { type TooMuch, tooManyFits } from "./split-cost.ts";

export const timeseriesDefinition = "timeseries/1";

const metrics = ["dau", "wau", "mau", "new", "stickiness"] as const;
type Metric = (typeof metrics)[number];

/** A question for a point a day, of days that begin from `from` to before `to` (Unix milliseconds). */
export interface TimeseriesQuestion {
  metric: Metric;
  from: number;
  to: number;
  /** One series, or each value of a dimension besides everyone. */
  series: string;
  by: string | null;
}

const defaultPoints = 30;

/** The time series that a query asks for: the last 30 days where it does not say. */
export function askedTimeseries(
  query: URLSearchParams,
  scope: Scope,
  now: number,
  calendar: Calendar,
): Result<TimeseriesQuestion> {
  const metric = choiceIn(query, "metric", metrics);
  if (!metric.ok) return metric;
  const startOf = (name: string, absent: number): Result<number> => {
    const day = calendarPeriodIn(name, "day", query.get(name) ?? calendar.dateAt(absent), calendar);
    return day.ok ? ok(day.value.from) : day;
  };
  const to = startOf("to", calendar.dayAt(now).end + dayMs / 2);
  if (!to.ok) return to;
  const from = startOf("from", Math.min(to.value, now) - (defaultPoints - 0.5) * dayMs);
  if (!from.ok) return from;
  if (from.value >= to.value) return refused("from: expected a day before to");
  if (to.value - from.value > maxPoints * dayMs) return refused(`expected at most ${maxPoints} days`);
  return ok({
    metric: metric.value,
    from: from.value,
    to: to.value,
    series: scope.of === "series" ? scope.series : everyone,
    by: scope.of === "groups" ? scope.dimension : null,
  });
}

/** Whether a question is for more figures than one object has the time and the room for. */
export function tooManyPoints(
  state: RollupState,
  { metric, from, to, by }: TimeseriesQuestion,
  now: number,
): TooMuch | null {
  const days = by === null ? [] : cutDays(state.calendar, from, Math.min(to, now + 1));
  if (by === null || days.length === 0) return null;
  // New people of a value are told from two sketches together.
  if (metric === "new") return tooManyFits(state, piecesOf(days), by, days.length);
  const values = state.values(piecesOf(days), by).size;
  return values * days.length > maxSplitPoints ? { values, most: Math.floor(maxSplitPoints / values) } : null;
}

/**
 * A point a day. `wau` and `mau` are of the 7 and 30 days that end with the day. Where sketches are gone the
 * figures that were kept of each closed day answer, for everyone.
 */
export function timeseries(state: RollupState, question: TimeseriesQuestion, now: number): PointRow[] {
  return atOnce(timeseriesTurns(state, question, now));
}

/** `timeseries`, in turns where it is split. */
export function* timeseriesTurns(
  state: RollupState,
  question: TimeseriesQuestion,
  now: number,
): Turns<PointRow[]> {
  const { calendar } = state;
  const days = cutDays(calendar, question.from, Math.min(question.to, now + 1));
  const kept = new Map(
    state.dayRows(days[0]?.from ?? question.from, question.to).map((row) => [row.from, row]),
  );
  const values = new Map([["", figuresOf(state, question, question.series, days, kept, now)]]);
  if (question.by !== null && days.length > 0) {
    const valuesPerTurn = Math.max(1, Math.floor(readsPerTurn / (days.length + monthDays)));
    for (const value of state.values(piecesOf(days), question.by)) {
      values.set(value, figuresOf(state, question, seriesOf(question.by, value), days, new Map(), now));
      // Each is of many days.
      if (values.size % valuesPerTurn === 0) yield;
    }
  }
  return days.map((day, index) => ({
    date: day.date,
    from: iso(day.from),
    to: iso(day.to),
    closed: day.to <= now,
    ...(question.metric === "new" && { followed: followedOf(state, [day]) }),
    ...pointAt(index, values, question.by),
  }));
}

/** The figure of one day, and those of each value, of which none is more than that of them all. */
function pointAt(
  index: number,
  values: ReadonlyMap<string, PointFigure[]>,
  by: string | null,
): PointFigure & { groups?: GroupFigure[] } {
  const whole = values.get("")?.[index] as PointFigure;
  if (by === null) return whole;
  const groups = groupsAt(index, values);
  if (!isCounted(whole)) return { ...whole, groups };
  const aligned = inLine(whole, groups.filter(isCounted));
  const byValue = new Map(aligned.parts.map((part) => [part.value, part]));
  return { ...aligned.whole, groups: groups.map((group) => byValue.get(group.value) ?? group) };
}

/** The figure of each value on one day, without those that nobody was seen with. */
function groupsAt(index: number, values: ReadonlyMap<string, PointFigure[]>): GroupFigure[] {
  return [...values]
    .filter(([value]) => value !== "")
    .map(([value, figures]) => ({ value, ...(figures[index] as PointFigure) }))
    .filter((group) => !("count" in group && group.count === 0));
}

type PointFigure = Figure | { percent: number | null; percentInterval: Ratio; reason?: string };
type GroupFigure = PointFigure & { value: string };

function isCounted<Of extends PointFigure>(point: Of): point is Of & Counted {
  return "count" in point && point.count !== null;
}

function figuresOf(
  state: RollupState,
  { metric }: TimeseriesQuestion,
  series: string,
  days: readonly CutDay[],
  kept: ReadonlyMap<number, DayRow>,
  now: number,
): PointFigure[] {
  if (metric !== "stickiness")
    return pointsOf(state, metric, series, days, kept, now).map(({ figure }) => figure);
  const shares = new Shares();
  const dau = pointsOf(state, "dau", series, days, kept, now);
  const mau = pointsOf(state, "mau", series, days, kept, now);
  return days.map((_, index) => stickinessOf(dau[index] as Point, mau[index] as Point, shares));
}

function stickinessOf(day: Point, month: Point, shares: Shares): PointFigure {
  const [part, whole] = [day.figure, month.figure];
  const reason = part.reason ?? whole.reason;
  if (part.count === null || whole.count === null) {
    return {
      percent: null,
      percentInterval: blankRatio(reason ?? ""),
      ...(reason !== undefined && { reason }),
    };
  }
  const share =
    day.people !== null && month.people !== null
      ? shares.of(day.people, month.people)
      : shareOfCounts(part, whole);
  return { percent: percent(Math.min(part.count, whole.count), whole.count), percentInterval: told(share) };
}

/** A figure, and the people behind it; null where it was kept and they weren't. */
interface Point {
  figure: Figure;
  people: People | null;
}

function pointsOf(
  state: RollupState,
  metric: Exclude<Metric, "stickiness">,
  series: string,
  days: readonly CutDay[],
  kept: ReadonlyMap<number, DayRow>,
  now: number,
): Point[] {
  const width = metric === "mau" ? monthDays : metric === "wau" ? weekDays : 1;
  const live = metric === "new" ? newPoints(state, series, days) : activePoints(state, series, days, width);
  return days.map((day, index) => {
    const windowFrom = day.from - (width - 1) * dayMs;
    const onlyLastSeen = state.whyOnlyLastSeen(day.to);
    // A row that was kept is of no more than what is known now.
    if (onlyLastSeen !== null) return { figure: blank(onlyLastSeen), people: null };
    const reason =
      state.whyBlank({ from: day.from, to: day.to }, now) ??
      state.whyDropped(windowFrom, now) ??
      state.whyHidden(day.pieces, series);
    if (reason === null) return live[index] as Point;
    const row = series === everyone ? kept.get(day.from) : undefined;
    return { figure: row === undefined ? blank(reason) : row[metric], people: null };
  });
}

/** Those who first appeared on each day; of a part of the people those of them who are in it too. */
function newPoints(state: RollupState, series: string, days: readonly CutDay[]): Point[] {
  return days.map((day) => {
    const people = state.people(day.pieces, cohortSeries("day", day, state.calendar));
    const unfollowed = whyUnfollowed(followedOf(state, [day]));
    const figure =
      unfollowed ??
      (series === everyone
        ? people.counted()
        : toldOrBlank(intersection(people, state.people(day.pieces, series))));
    return { figure, people };
  });
}

/** Those of the `width` days that end with each day. */
function activePoints(state: RollupState, series: string, days: readonly CutDay[], width: number): Point[] {
  const [first] = days;
  if (first === undefined) return [];
  const before = width === 1 ? [] : cutDays(state.calendar, first.from - width * dayMs, first.from);
  const read = (day: CutDay) => state.people(day.pieces, series);
  return rollingCounts(before, days, width, read, state.keyId).map(({ people, counted }) => ({
    people,
    figure: counted,
  }));
}
