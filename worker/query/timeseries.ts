import type { PointRow } from "../../sdk/wire.ts";
import type { Calendar } from "../counting/calendar.ts";
import {
  type CutDay,
  cutDays,
  type DayRow,
  monthDays,
  rollingPeople,
  weekDays,
} from "../counting/history.ts";
import type { Period } from "../counting/periods.ts";
import type { RollupState, Scope } from "../counting/rollup-state.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import { dayMs, maxPoints, maxSplitPoints } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import type { Counted } from "../sketch/index.ts";
import { blank, type Figure, iso, percent } from "./figures.ts";
import { calendarPeriodIn, choiceIn } from "./members.ts";

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

/** A split by so many values is too much for the days that were asked for. */
export interface TooManyPoints {
  values: number;
}

/** Whether a question is for more figures than one object has the time and the room for. */
export function tooManyPoints(
  state: RollupState,
  { from, to, by }: TimeseriesQuestion,
  now: number,
): TooManyPoints | null {
  const days = by === null ? [] : cutDays(state.calendar, from, Math.min(to, now + 1));
  const values = by === null || days.length === 0 ? 0 : state.values(piecesOf(days), by).size;
  return values * days.length > maxSplitPoints ? { values } : null;
}

/**
 * A point a day. `wau` and `mau` are of the 7 and 30 days that end with the day. Where sketches are gone the
 * figures that were kept of each closed day answer, for everyone.
 */
export function timeseries(state: RollupState, question: TimeseriesQuestion, now: number): PointRow[] {
  const { calendar } = state;
  const days = cutDays(calendar, question.from, Math.min(question.to, now + 1));
  const kept = new Map(
    state.dayRows(days[0]?.from ?? question.from, question.to).map((row) => [row.date, row]),
  );
  const values = new Map([["", figuresOf(state, question, question.series, days, kept, now)]]);
  if (question.by !== null && days.length > 0) {
    for (const value of state.values(piecesOf(days), question.by)) {
      values.set(value, figuresOf(state, question, seriesOf(question.by, value), days, new Map(), now));
    }
  }
  return days.map((day, index) => ({
    date: day.date,
    from: iso(day.from),
    to: iso(day.to),
    closed: day.to <= now,
    ...values.get("")?.[index],
    ...(question.by !== null && { groups: groupsAt(index, values) }),
  }));
}

/** The figure of each value on one day, without those that nobody was seen with. */
function groupsAt(index: number, values: ReadonlyMap<string, PointFigure[]>) {
  return [...values]
    .filter(([value]) => value !== "")
    .map(([value, figures]) => ({ value, ...(figures[index] as PointFigure) }))
    .filter((group) => !("count" in group && group.count === 0));
}

function piecesOf(days: readonly CutDay[]): Period[] {
  return days.flatMap((day) => day.pieces);
}

type PointFigure = Figure | { percent: number | null; reason?: string };

function figuresOf(
  state: RollupState,
  { metric }: TimeseriesQuestion,
  series: string,
  days: readonly CutDay[],
  kept: ReadonlyMap<string, DayRow>,
  now: number,
): PointFigure[] {
  if (metric === "stickiness") {
    const dau = counted(state, "dau", series, days, kept, now);
    const mau = counted(state, "mau", series, days, kept, now);
    return days.map((_, index) => {
      const [part, whole] = [dau[index] as Figure, mau[index] as Figure];
      if (part.count === null) return { percent: null, reason: part.reason };
      if (whole.count === null) return { percent: null, reason: whole.reason };
      return { percent: percent(part.count, whole.count) };
    });
  }
  return counted(state, metric, series, days, kept, now);
}

function counted(
  state: RollupState,
  metric: Exclude<Metric, "stickiness">,
  series: string,
  days: readonly CutDay[],
  kept: ReadonlyMap<string, DayRow>,
  now: number,
): Figure[] {
  const width = metric === "mau" ? monthDays : metric === "wau" ? weekDays : 1;
  const live = fromSketches(state, metric, series, days, width);
  return days.map((day, index) => {
    const windowFrom = day.from - (width - 1) * dayMs;
    const reason = state.whyBlank({ from: day.from, to: day.to }, now) ?? state.whyDropped(windowFrom, now);
    if (reason === null) return live[index] as Counted;
    const row = series === everyone ? kept.get(day.date) : undefined;
    return row === undefined ? blank(reason) : row[metric];
  });
}

function fromSketches(
  state: RollupState,
  metric: Exclude<Metric, "stickiness">,
  series: string,
  days: readonly CutDay[],
  width: number,
): Counted[] {
  const [first] = days;
  if (first === undefined) return [];
  if (metric === "new") {
    return days.map((day) => state.people(day.pieces, seriesOf("cohort", day.date)).counted());
  }
  const before = width === 1 ? [] : cutDays(state.calendar, first.from - width * dayMs, first.from);
  const read = (day: CutDay) => state.people(day.pieces, series);
  return rollingPeople(before, days, width, read, state.keyId).map((people) => people.counted());
}
