import { maxBeatLeadMs } from "../limits.ts";
import type { Calendar } from "./calendar.ts";
import { periodAt, type Period, periodsBetween } from "./periods.ts";
import type { Reach } from "./series.ts";

/** What a question covers: `from` is included, `to` is not; `pieces` are the periods whose union answers it. */
export interface Cover {
  from: number;
  to: number;
  pieces: Period[];
}

/** What decides how fine a window can be cut: the present (Unix milliseconds), the app's days, how far back periods are kept. */
export interface Present {
  now: number;
  calendar: Calendar;
  reach: Reach;
}

/**
 * Covers a window with whole days and, at its edges, with hours and slots.
 *
 * The edges are moved outwards to what is kept for their age: to five minutes, to the hour, to the day. A window that
 * ends now includes the running periods, and what clocks that run ahead have put into the next ones. Pieces may overlap,
 * since a union counts nobody twice, but none reaches out of the window.
 *
 * `from` must lie before the present.
 */
export function coverWindow(from: number, to: number, present: Present): Cover {
  const { now } = present;
  const start = align(from, present, "down");
  const end = to === now ? Infinity : align(to, present, "up");
  const cover = fill(start, end, present);
  return { ...cover, to: Math.min(cover.to, Math.max(now, cover.from)) };
}

/**
 * Covers as much of a window as is kept apart from what lies outside: like `coverWindow`, but the edges are moved
 * inwards. Null where nothing is left.
 */
export function coverInside(from: number, to: number, present: Present): Cover | null {
  const { now } = present;
  const start = align(from, present, "up");
  const isOpen = to === now;
  const end = isOpen ? Infinity : align(to, present, "down");
  if (start >= Math.min(end, now)) return null;
  const cover = fill(start, end, present);
  // Where nothing kept is fine enough the edge gives way outwards: then there is no inside.
  return cover.from < from || (!isOpen && cover.to > to) ? null : { ...cover, to: Math.min(cover.to, now) };
}

/** Whether a period is kept, with all the activity in it, for questions that reach back this far. */
export function isKept(period: Period, reachMs: number, now: number): boolean {
  return now - period.end <= reachMs;
}

/** Where a window that is to begin at `from` really begins: at what is kept for its age. */
export function alignStart(from: number, present: Present): number {
  return align(from, present, "down");
}

/** The edge moved to the nearest boundary, outwards, that is kept for its age. A day's boundary stays where it is. */
function align(edge: number, { now, calendar, reach }: Present, direction: "down" | "up"): number {
  if (calendar.isDayBoundary(edge)) return edge;
  const age = now - edge;
  const period =
    age <= reach.slotMs
      ? periodAt("slot", edge)
      : age <= reach.hourMs
        ? periodAt("hour", edge)
        : calendar.dayAt(edge);
  return direction === "down" || edge === period.start ? period.start : period.end;
}

function fill(from: number, to: number, present: Present): Cover {
  const { now, calendar, reach } = present;
  // A phone's clock may run ahead, so what belongs to the present may lie in a period that has not begun.
  const horizon = Math.min(to, now + maxBeatLeadMs + 1);
  const isInside = (period: Period) => period.start >= from && period.end <= to;

  const days = calendar.daysBetween(from, horizon).filter((day) => isInside(day));
  const first = days[0]?.start ?? horizon;
  const last = days.at(-1)?.end ?? horizon;
  const gaps: Gap[] = [{ from, to: Math.min(first, horizon) }];
  if (last < horizon) gaps.push({ from: last, to: horizon });

  const hours = gaps
    .flatMap((gap) => periodsBetween("hour", gap.from, gap.to))
    .filter((hour) => isInside(hour) && isKept(hour, reach.hourMs, now));
  const narrow = gaps.flatMap((gap) => subtract(gap, hours));
  const slots = narrow
    .flatMap((gap) => periodsBetween("slot", gap.from, gap.to))
    .filter((slot) => isInside(slot) && isKept(slot, reach.slotMs, now));
  const missing = narrow.flatMap((gap) => subtract(gap, slots)).find((gap) => gap.from < gap.to);
  if (missing) {
    const wider = widen(from, to, missing, present);
    return fill(wider.from, wider.to, present);
  }
  return { from, to, pieces: [...days, ...hours, ...slots] };
}

interface Gap {
  from: number;
  to: number;
}

/** What is left of a gap without the periods, which are in order and do not overlap each other. */
function subtract(gap: Gap, periods: readonly Period[]): Gap[] {
  const left: Gap[] = [];
  let at = gap.from;
  for (const period of periods) {
    if (period.end <= at || period.start >= gap.to) continue;
    if (period.start > at) left.push({ from: at, to: period.start });
    at = period.end;
  }
  if (at < gap.to) left.push({ from: at, to: gap.to });
  return left;
}

/**
 * Gives way, outwards, where nothing kept is fine enough to meet an edge: a day's boundary between two hours, or
 * a day of which some hours are gone already. First to the hour, then to the day.
 */
function widen(from: number, to: number, gap: Gap, { now, calendar, reach }: Present): Gap {
  const hoursKept = now - gap.from <= reach.hourMs;
  if (gap.from === from) {
    const hour = periodAt("hour", from);
    if (hoursKept && hour.start < from) return { from: hour.start, to };
  } else {
    const hour = periodAt("hour", to - 1);
    if (hoursKept && hour.end > to) return { from, to: hour.end };
  }
  return {
    from: Math.min(from, calendar.dayAt(gap.from).start),
    to: Math.max(to, calendar.dayAt(gap.to - 1).end),
  };
}
