import { dayAfter, daysBetween } from "./format.ts";
import { comparedFrom, datesOf, type Dates } from "./period.ts";
import { pathOf } from "./question.ts";
import type { PanelName, SharedView } from "./shared-view.ts";
import type { View } from "./view.ts";

const timeseries = "/v1/timeseries";

/** Days of the lines in the cards. */
export const sparkDays = 30;
/** Days or weeks of people's states: life cycle and growth. */
export const statePeriods = { day: 30, week: 12 } as const;
/** Cohorts of retention. */
export const cohortsShown = { day: 14, week: 10 } as const;
/** What the trends of a split count, by its window. */
export const splitMetric = { "24h": "dau", "7d": "wau", "30d": "mau" } as const;

/** How far a reader's clock may be off when a day ends, and how long a page may take to notice that it has ended. */
const clockSlackMs = 5 * 60_000;

/** The members of a question for a point a day. The API's `to` is the day after the last; without it the last is today. */
export function pointMembers(metric: string, { from, to }: Dates, today: string): Record<string, string> {
  return { metric, from, ...(to < today && { to: dayAfter(to, 1) }) };
}

/** Whether a question is one of those that a shared view asks of itself at `now`, to the letter. */
export function mayAsk(shared: SharedView, url: URL, dateAt: (at: number) => string, now: number): boolean {
  const asked = sorted(url.pathname, url.searchParams);
  return [now - clockSlackMs, now, now + clockSlackMs].some((at) => {
    const today = dateAt(at);
    const paths = shared.panels.flatMap((panel) => questionsOf(panel, shared.view, today));
    if (paths.some((path) => canonical(path) === asked)) return true;
    return shared.panels.includes("split") && isTrendOfSplit(shared.view, url, today);
  });
}

/** What a panel asks, but for the trends of a split, whose values are in its answer. */
function questionsOf(panel: PanelName, view: View, today: string): string[] {
  const { only, interval } = view;
  const points = (metric: string, dates = datesOf(view.range, today)) =>
    pathOf(timeseries, pointMembers(metric, dates, today), only);
  switch (panel) {
    case "headline": {
      const lines = (["dau", "wau", "mau"] as const).map((metric) =>
        points(metric, datesOf(sparkDays, today)),
      );
      return [pathOf("/v1/online", {}, only), pathOf("/v1/engagement", {}, only), ...lines];
    }
    case "trend": {
      const { from, to } = datesOf(view.range, today);
      if (view.compare === null) return [points(view.metric)];
      const first = comparedFrom(view.range, view.compare, today);
      return [
        points(view.metric),
        points(view.metric, { from: first, to: dayAfter(first, daysBetween(from, to)) }),
      ];
    }
    case "newcomers":
      return [points("dau"), points("new")];
    case "stickiness":
      return [points("stickiness")];
    case "lifecycle":
      return [pathOf("/v1/lifecycle", { interval, periods: statePeriods[interval] }, only)];
    case "retention":
      return [pathOf("/v1/retention", { interval, cohorts: cohortsShown[interval] }, only)];
    case "growth":
      return [pathOf("/v1/growth", { interval, periods: statePeriods[interval] }, null)];
    case "power":
      return [pathOf("/v1/power", {}, only)];
    case "split":
      return [pathOf("/v1/active", { window: view.window, by: view.by ?? "" }, null)];
  }
}

/** A split shows each value of its dimension, so that each may be asked for by itself, in the days of the view. */
function isTrendOfSplit({ by, window, range }: View, url: URL, today: string): boolean {
  const values = by === null ? [] : url.searchParams.getAll(by);
  const [value] = values;
  if (by === null || value === undefined || values.length > 1) return false;
  const members = pointMembers(splitMetric[window], datesOf(range, today), today);
  const path = pathOf(timeseries, members, { dimension: by, value });
  return canonical(path) === sorted(url.pathname, url.searchParams);
}

function canonical(path: string): string {
  const [route = "", query = ""] = path.split("?");
  return sorted(route, new URLSearchParams(query));
}

/** An address with its members in one order. */
function sorted(route: string, query: URLSearchParams): string {
  const members = new URLSearchParams(query);
  members.sort();
  return `${route}?${members.toString()}`;
}
