import type { Calendar } from "../counting/calendar.ts";
import { readInstant, readInstantOrDay } from "../instant.ts";
import { dayMs, hourMs, maxWindowsPerQuery } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import { iso } from "./figures.ts";
import { calendarPeriodIn } from "./members.ts";

/** A window that was asked for, under the name by which it was asked. Unix milliseconds, `to` not included. */
export interface AskedWindow {
  window: string;
  from: number;
  to: number;
  /** `between`: as asked, interpolated where an edge lies within a period that is kept as a whole. Else widened to what is kept. */
  edges?: "between";
}

const unitMs = { m: 60_000, h: hourMs, d: dayMs } as const;
const forms = [["window"], ["since"], ["from", "to"], ["period", "date"]] as const;

/** The windows that a query of `/v1/active` asks for, which uses one of the `forms`. */
export function askedWindows(query: URLSearchParams, now: number, calendar: Calendar): Result<AskedWindow[]> {
  const asked = forms.filter((form) => form.some((name) => query.has(name)));
  if (asked.length > 1) return refused("expected one of window, since, from/to and period/date, not several");
  const [form = forms[0]] = asked;
  switch (form[0]) {
    case "window":
      return rollingWindows(query.get("window") ?? "24h,7d,30d", now);
    case "since":
      return oneWindow("since", instantIn(query, "since"), ok(now), now);
    case "from": {
      const to = query.has("to") ? edgeIn(query, "to", calendar) : ok(now);
      return oneWindow("range", edgeIn(query, "from", calendar), to, now);
    }
    case "period":
      return calendarWindow(query, now, calendar);
  }
}

function rollingWindows(list: string, now: number): Result<AskedWindow[]> {
  const labels = list.split(",").map((label) => label.trim());
  if (labels.length > maxWindowsPerQuery) {
    return refused(`window: expected at most ${maxWindowsPerQuery} windows in a query`);
  }
  const windows = labels.map((window) => {
    const [, amount, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(window) ?? [];
    return {
      window,
      from: now - Number(amount) * unitMs[unit as keyof typeof unitMs],
      to: now,
      edges: "between" as const,
    };
  });
  return windows.every(({ from }) => from >= 0)
    ? ok(windows)
    : refused(
        "window: expected a list of whole numbers of minutes, hours or days, such as window=30m,24h,7d",
      );
}

function calendarWindow(query: URLSearchParams, now: number, calendar: Calendar): Result<AskedWindow[]> {
  const unit = query.get("period");
  if (unit !== "day" && unit !== "week" && unit !== "month") {
    return refused("period: expected day, week or month, such as period=week&date=2026-11-19");
  }
  const period = calendarPeriodIn("date", unit, query.get("date") ?? calendar.dateAt(now), calendar);
  return period.ok ? oneWindow(unit, ok(period.value.from), ok(period.value.to), now) : period;
}

/** An instant, or the beginning of a day in the app's zone. */
function edgeIn(query: URLSearchParams, name: "from" | "to", calendar: Calendar): Result<number> {
  const text = query.get(name);
  if (text === null) return refused(`${name}: missing: expected both from and to`);
  const edge = readInstantOrDay(withPlus(text));
  if (!edge.ok) return refused(`${name}: ${edge.error}`);
  if (typeof edge.value === "number") return ok(edge.value);
  const day = calendarPeriodIn(name, "day", edge.value, calendar);
  return day.ok ? ok(day.value.from) : day;
}

function instantIn(query: URLSearchParams, name: string): Result<number> {
  const at = readInstant(withPlus(query.get(name) ?? ""));
  return at.ok ? at : refused(`${name}: ${at.error}`);
}

/** In a query an unescaped plus, of an offset such as +01:00, is read as a blank. */
function withPlus(text: string): string {
  return text.replace(/^(.*[T ]\d\d:\d\d\S*) (\d\d(?::?\d\d)?)$/i, "$1+$2");
}

function oneWindow(
  window: string,
  from: Result<number>,
  to: Result<number>,
  now: number,
): Result<AskedWindow[]> {
  if (!from.ok) return from;
  if (!to.ok) return to;
  if (from.value >= now) return refused(`expected a window that begins before now, ${iso(now)}`);
  if (from.value >= to.value) return refused("expected a window that ends after it begins");
  return ok([{ window, from: from.value, to: to.value }]);
}
