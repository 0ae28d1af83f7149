import type { Calendar } from "../counting/calendar.ts";
import type { Scope, WindowCount } from "../counting/rollup-state.ts";
import { seriesOf } from "../counting/series.ts";
import { dayMs, hourMs, maxWindowsPerQuery } from "../limits.ts";
import { Refusal } from "../http/problem.ts";
import { iso } from "./figures.ts";
import { calendarPeriodIn } from "./members.ts";

/** Name and version of what `active` means, so that a figure can be told from one that was counted otherwise. */
export const activeDefinition = "active/1";
export const onlineDefinition = "online/1";

/** A window that was asked for, under the name by which it was asked. Unix milliseconds, `to` not included. */
export interface AskedWindow {
  window: string;
  from: number;
  to: number;
}

const unitMs = { m: 60_000, h: hourMs, d: dayMs } as const;
const forms = [["window"], ["since"], ["from", "to"], ["period", "date"]] as const;

/**
 * The windows that a query of `/v1/active` asks for.
 * Throws a `Refusal` that says what was wrong and what would be right.
 */
export function askedWindows(query: URLSearchParams, now: number, calendar: Calendar): AskedWindow[] {
  const asked = forms.filter((form) => form.some((name) => query.has(name)));
  if (asked.length > 1) {
    throw new Refusal(
      "invalid-query",
      "ask with one of window, since, from/to or period/date, not with several",
    );
  }
  if (query.has("since")) return [checked({ window: "since", from: instant(query, "since"), to: now }, now)];
  if (query.has("from") || query.has("to")) {
    const from = edge(query, "from", calendar);
    return [checked({ window: "range", from, to: query.has("to") ? edge(query, "to", calendar) : now }, now)];
  }
  if (query.has("period") || query.has("date")) return [calendarWindow(query, now, calendar)];
  return rollingWindows(query.get("window") ?? "24h,7d,30d", now);
}

/**
 * Whom a query asks for: everyone, everyone split by a dimension (`by=platform`), or one value (`platform=web`).
 * The query's other members are known by now; what is left must be a dimension that the app declares.
 */
export function askedScope(
  query: URLSearchParams,
  others: readonly string[],
  declared: readonly string[],
): Scope {
  const by = query.get("by");
  const filters = [...query.keys()].filter((name) => !others.includes(name));
  const unknown = [...filters, ...(by === null ? [] : [by])].some((name) => !declared.includes(name));
  if (unknown) {
    const dimensions =
      declared.length === 0 ? "no dimension is declared" : `a dimension: ${declared.join(", ")}`;
    throw new Refusal("invalid-query", `expected ${others.join(", ")}, or ${dimensions}`);
  }
  if (filters.length + (by === null ? 0 : 1) > 1) {
    throw new Refusal("invalid-query", "expected one dimension in one query: a split or a filter");
  }
  if (by !== null) return { of: "groups", dimension: by };
  const [filter] = filters;
  return filter === undefined
    ? { of: "everyone" }
    : { of: "series", series: seriesOf(filter, query.get(filter) ?? "") };
}

/** The rows of an answer: one a window, times in ISO 8601. */
export function activeRows(asked: readonly AskedWindow[], counts: readonly WindowCount[]): unknown[] {
  return counts.map(({ from, to, ...count }, index) => ({
    window: asked[index]?.window,
    from: iso(from),
    to: iso(to),
    ...count,
  }));
}

function rollingWindows(list: string, now: number): AskedWindow[] {
  const labels = list.split(",").map((label) => label.trim());
  if (labels.length > maxWindowsPerQuery) {
    throw new Refusal("invalid-query", `window: at most ${maxWindowsPerQuery} windows in one query`);
  }
  return labels.map((window) => {
    const [, amount, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(window) ?? [];
    const lengthMs = Number(amount) * unitMs[unit as keyof typeof unitMs];
    if (!(lengthMs <= now)) {
      throw new Refusal(
        "invalid-query",
        "window: expected a list of whole numbers of minutes, hours or days, such as window=30m,24h,7d",
      );
    }
    return { window, from: now - lengthMs, to: now };
  });
}

function calendarWindow(query: URLSearchParams, now: number, calendar: Calendar): AskedWindow {
  const unit = query.get("period");
  if (unit !== "day" && unit !== "week" && unit !== "month") {
    throw new Refusal(
      "invalid-query",
      "period: expected day, week or month, such as period=week&date=2026-11-19",
    );
  }
  const date = query.get("date") ?? calendar.dateAt(now);
  const { from, to } = calendarPeriodIn("date", unit, date, calendar);
  return checked({ window: unit, from, to }, now);
}

/** An instant (Unix milliseconds or ISO 8601 with a zone), or the beginning of a day in the app's zone. */
function edge(query: URLSearchParams, name: "from" | "to", calendar: Calendar): number {
  const text = query.get(name);
  if (text === null) throw new Refusal("invalid-query", `${name}: expected, since its counterpart was given`);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return calendarPeriodIn(name, "day", text, calendar).from;
  return instant(query, name);
}

function instant(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  const at = /^\d{1,15}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (!(at >= 0 && at <= maxInstant)) {
    throw new Refusal(
      "invalid-query",
      `${name}: expected Unix milliseconds, ISO 8601 with a zone (2026-11-19T10:00:00Z)${name === "since" ? "" : ", or a day (2026-11-19)"}`,
    );
  }
  return at;
}

/** The year 9999 ends here. */
const maxInstant = 253_402_300_799_999;

function checked(window: AskedWindow, now: number): AskedWindow {
  if (window.from >= now) {
    throw new Refusal("invalid-query", `the window begins in the future: it is ${iso(now)} now`);
  }
  if (window.from >= window.to) throw new Refusal("invalid-query", "the window ends before it begins");
  return window;
}
