import { isZone } from "./format.ts";
import {
  type Comparison,
  type Range,
  readComparison,
  readRange,
  writeComparison,
  writeRange,
} from "./period.ts";
import type { Part } from "./question.ts";

/** What is looked at. It stands in the address, so that a link shows the same; the key does not. */
export interface View {
  page: "figures" | "settings" | "apps";
  /** The app that is looked at; null for the one that the reader signed in to. */
  app: string | null;
  /** By what the list of apps is ordered, and the part of a name to which it is narrowed. */
  sort: Sort;
  find: string | null;
  metric: "dau" | "wau" | "mau";
  /** The days of the trends. */
  range: Range;
  /** With which other days the trend is compared, if with any. */
  compare: Comparison | null;
  /** The dimension of the split; the app's first when nothing is chosen. */
  by: string | null;
  window: "24h" | "7d" | "30d";
  /** Of cohorts and life cycle. */
  interval: "day" | "week";
  /** IANA zone in which times are written; the app's own when nothing is chosen. */
  zone: string | null;
  /** One value of a dimension, to whom all figures are narrowed. */
  only: Part | null;
}

/** Figures of an app, the most people first, or its name. */
export type Sort = "mau" | "wau" | "dau" | "online" | "name";

const initial: View = {
  page: "figures",
  app: null,
  sort: "mau",
  find: null,
  metric: "dau",
  range: 90,
  compare: null,
  by: null,
  window: "7d",
  interval: "week",
  zone: null,
  only: null,
};

/** Reads a view out of an address' query. What isn't understood is as if it weren't there. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const choice = <Word>(name: string, words: readonly Word[], otherwise: Word): Word =>
    words.find((word) => String(word) === query.get(name)) ?? otherwise;
  const [, dimension, value] = /^([^:]+):(.+)$/s.exec(query.get("only") ?? "") ?? [];
  return {
    page: choice("page", ["figures", "settings", "apps"], initial.page),
    app: /^[a-z0-9-]{1,40}$/.exec(query.get("app") ?? "")?.[0] ?? null,
    sort: choice("sort", ["mau", "wau", "dau", "online", "name"], initial.sort),
    find: query.get("find") || null,
    metric: choice("metric", ["dau", "wau", "mau"], initial.metric),
    range: readRange(query.get("range")) ?? initial.range,
    compare: readComparison(query.get("compare")),
    by: query.get("by"),
    window: choice("window", ["24h", "7d", "30d"], initial.window),
    interval: choice("interval", ["day", "week"], initial.interval),
    zone: isZone(query.get("zone")) ? query.get("zone") : null,
    only: dimension === undefined || value === undefined ? null : { dimension, value },
  };
}

/** The query that `readView` reads as this view; what is as at first is left out. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  for (const name of ["page", "app", "sort", "find", "metric", "by", "window", "interval", "zone"] as const) {
    if (view[name] !== null && view[name] !== initial[name]) query.set(name, view[name]);
  }
  if (view.range !== initial.range) query.set("range", writeRange(view.range));
  if (view.compare !== null) query.set("compare", writeComparison(view.compare));
  if (view.only !== null) query.set("only", `${view.only.dimension}:${view.only.value}`);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** What leads from the list of apps to the page of one. What was chosen of another app's dimensions doesn't go along. */
export function viewOfApp(app: string): Partial<View> {
  return { page: "figures", app, sort: initial.sort, find: null, by: null, only: null };
}

/** What leads from an app to the list of all. */
export const viewOfApps: Partial<View> = { page: "apps", app: null, by: null, only: null };

/** Changes the view. `isCorrection` says that the reader didn't ask for it: then Back doesn't lead to what was before. */
export type ChangeView = (change: Partial<View>, isCorrection?: boolean) => void;
