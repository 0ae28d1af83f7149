import type { Count, GrowthRow, Ratio } from "../../sdk/wire.ts";
import { cohortSeries, type CutDay, type DayRow, type KeptGrowth, piecesOf } from "../counting/history.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { everyone } from "../counting/series.ts";
import { dayMs, growthFits, maxGrowthPeriods } from "../limits.ts";
import { type Counted, growthStates, type GrowthStates } from "../sketch/index.ts";
import { blank, blankRatio, shareOrBlank, told, toldOrBlank } from "./figures.ts";
import { followedOf, whyUnfollowed } from "./followed.ts";
import { type Interval, type Span, spansUntil, whyBlank } from "./retention.ts";

export const growthDefinition = "growth/1";

/** How many periods the states look back on: those before it, and those before these. */
const lookBack = { day: { week: 6, month: 23 }, week: { week: 1, month: 3 } } as const;

/** The quick ratio is no share: so many for each one. */
const perPerson = { scale: 1, decimals: 3 };

/** A period that is over, with those around it that tell who was in which state. */
interface GrowthPeriod {
  interval: Interval;
  date: string;
  day: readonly CutDay[];
  week: readonly CutDay[];
  month: readonly CutDay[];
  /** The period after it; null while that isn't over. */
  next: readonly CutDay[] | null;
}

/**
 * Growth accounting, a row for each of the last periods that are over. What was computed is read from the rows of history;
 * of what wasn't, so much is computed and kept as one question has the time for, the newest first.
 */
export function growth(state: RollupState, interval: Interval, periods: number, now: number): GrowthRow[] {
  const asked = closedPeriods(state, interval, periods, now);
  const known = refresh(state, asked, growthFits.question, now);
  return asked.map((period) => rowOf(state, period, known.get(period.date), now));
}

/** Computes and keeps so much of the history's growth accounting as an alarm has the time for, the newest first. */
export function keepGrowth(state: RollupState, now: number): void {
  const days = (now - (state.firstDay() ?? now)) / dayMs;
  for (const [interval, width] of [
    ["day", 1],
    ["week", 7],
  ] as const) {
    // Before the first activity there is nothing to compute.
    const count = Math.min(maxGrowthPeriods[interval], Math.ceil(days / width) + 1);
    const all = closedPeriods(state, interval, count, now);
    refresh(state, all, growthFits.alarm[interval], now);
  }
}

/** The newest quick ratio of a day that is kept; null where there is none. */
export function newestQuickRatio(state: RollupState, now: number): number | null {
  const rows = state.dayRows(now - 4 * dayMs, now).toReversed();
  const kept = rows.find(({ growth: of }) => of?.day?.hasNext)?.growth?.day;
  return told(kept?.quickRatio ?? null, perPerson).value;
}

function closedPeriods(state: RollupState, interval: Interval, count: number, now: number): GrowthPeriod[] {
  const { week, month } = lookBack[interval];
  // The last one is running.
  const spans = spansUntil(state, interval, count + week + month + 1, now).slice(0, -1);
  const daysOf = (from: number, to: number) => spans.slice(Math.max(0, from), to).flatMap(({ days }) => days);
  return spans.slice(-count).map(({ date, days }: Span, index, { length }) => {
    const at = spans.length - length + index;
    return {
      interval,
      date,
      day: days,
      week: daysOf(at - week, at),
      month: daysOf(at - week - month, at - week),
      next: spans[at + 1]?.days ?? null,
    };
  });
}

/** What is kept of periods, once so many fits were spent on what is missing and on what activity has changed since. */
function refresh(
  state: RollupState,
  periods: readonly GrowthPeriod[],
  fits: number,
  now: number,
): Map<string, KeptGrowth> {
  const known = new Map<string, KeptGrowth>();
  const first = periods[0];
  if (first === undefined) return known;
  const rows = new Map(state.dayRows(startOf(first), now).map((row) => [row.from, row]));
  const [missing, stale]: [GrowthPeriod[], GrowthPeriod[]] = [[], []];
  for (const period of periods) {
    const kept = rowOfPeriod(period, rows)?.growth?.[period.interval];
    if (kept !== undefined) known.set(period.date, kept);
    if (kept === undefined) missing.push(period);
    else if (kept.of !== sourceOf(period, rows)) stale.push(period);
  }
  let left = fits;
  for (const period of [...missing.toReversed(), ...stale.toReversed()]) {
    if (left <= 0) break;
    if (whyUntold(state, period, now) !== null) continue;
    const { isSmall, ...computed } = computedOf(state, period, sourceOf(period, rows));
    left -= isSmall ? growthFits.small : 1;
    known.set(period.date, computed);
    const row = rowOfPeriod(period, rows);
    // A day that the hourly alarm has not written yet is computed for this question alone.
    if (row === undefined) continue;
    row.growth = { ...row.growth, [period.interval]: computed };
    state.putDayRow(row);
  }
  return known;
}

function computedOf(
  state: RollupState,
  { interval, day, week, month, next }: GrowthPeriod,
  of: string,
): KeptGrowth & { isSmall: boolean } {
  const [first] = day;
  const cohort = first === undefined ? everyone : cohortSeries(interval, first, state.calendar);
  const peopleOf = (days: readonly CutDay[], series = everyone) => state.people(piecesOf(days), series);
  const sets = {
    next: peopleOf(next ?? []),
    day: peopleOf(day),
    week: peopleOf(week),
    month: peopleOf(month),
    fresh: peopleOf(day, cohort),
    freshNext: peopleOf(next ?? [], cohort),
  };
  return {
    of,
    hasNext: next !== null,
    isWhole: (month[0]?.from ?? 0) >= (state.firstDay() ?? Infinity),
    ...growthStates(sets),
    isSmall: Object.values(sets).every(({ added }) => added.isSparse),
  };
}

/** Figures that change when activity changes that the states of a period were told from. */
function sourceOf(period: GrowthPeriod, rows: ReadonlyMap<number, DayRow>): string {
  const { day, week, month, next } = period;
  const days = [...month, ...week, ...day, ...(next ?? [])];
  const sum = days.reduce((total, { from }) => total + (rows.get(from)?.dau.count ?? 0), 0);
  const fresh = day.reduce((total, { from }) => total + (rows.get(from)?.new.count ?? 0), 0);
  return `${sum}/${fresh}/${next?.length ?? 0}`;
}

/** The row in which a period is kept: that of its first day. */
function rowOfPeriod({ day }: GrowthPeriod, rows: ReadonlyMap<number, DayRow>): DayRow | undefined {
  return rows.get(day[0]?.from ?? Number.NaN);
}

function startOf(period: GrowthPeriod): number {
  return firstDayOf(period)?.from ?? 0;
}

function firstDayOf({ month, week, day }: GrowthPeriod) {
  return month[0] ?? week[0] ?? day[0];
}

function whyUntold(state: RollupState, period: GrowthPeriod, now: number): string | null {
  return (
    whyBlank(state, period.day, now) ??
    state.whyDropped(startOf(period), now) ??
    state.whyOnlyLastSeen(firstDayOf(period)?.to ?? 0)
  );
}

function rowOf(
  state: RollupState,
  period: GrowthPeriod,
  kept: KeptGrowth | undefined,
  now: number,
): GrowthRow {
  const { date, interval } = period;
  if (kept === undefined) {
    const reason = whyUntold(state, period, now) ?? "not computed yet: a few periods are computed each hour";
    return { period: date, ...blankStates(reason, blankRatio(reason)) };
  }
  const unfollowed = whyUnfollowed(followedOf(state, period.day));
  const reach = interval === "day" ? "29 days" : "4 weeks";
  const young = blank(
    `activity is not known for all ${reach} before, which are needed to tell who came back and who stayed`,
  );
  const running = blankRatio(`the next ${interval} isn't over yet`);
  const counted = (people: Counted): Count => (kept.isWhole ? toldOrBlank(people) : young);
  const rate = (ratio: GrowthStates["quickRatio"], isKnown = kept.isWhole): Ratio =>
    !kept.hasNext ? running : isKnown ? shareOrBlank(ratio) : blankRatio(young.reason);
  const unfollowedRate = unfollowed && blankRatio(unfollowed.reason);
  return {
    period: date,
    new: unfollowed ?? kept.new,
    current: counted(kept.current),
    reactivated: counted(kept.reactivated),
    resurrected: unfollowed ?? counted(kept.resurrected),
    atRiskWau: counted(kept.atRiskWau),
    atRiskMau: counted(kept.atRiskMau),
    nurr: unfollowedRate ?? rate(kept.newUserRetention, true),
    curr: rate(kept.currentUserRetention),
    rurr: rate(kept.reactivatedUserRetention),
    surr: unfollowedRate ?? rate(kept.resurrectedUserRetention),
    quickRatio: kept.hasNext ? told(kept.quickRatio, perPerson) : running,
  };
}

function blankStates(reason: string, ratio: Ratio): Omit<GrowthRow, "period"> {
  const count = blank(reason);
  return {
    new: count,
    current: count,
    reactivated: count,
    resurrected: count,
    atRiskWau: count,
    atRiskMau: count,
    nurr: ratio,
    curr: ratio,
    rurr: ratio,
    surr: ratio,
    quickRatio: ratio,
  };
}
