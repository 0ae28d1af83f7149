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
  page: "figures" | "settings";
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

const initial: View = {
  page: "figures",
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
    page: choice("page", ["figures", "settings"], initial.page),
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
  for (const name of ["page", "metric", "by", "window", "interval", "zone"] as const) {
    if (view[name] !== null && view[name] !== initial[name]) query.set(name, view[name]);
  }
  if (view.range !== initial.range) query.set("range", writeRange(view.range));
  if (view.compare !== null) query.set("compare", writeComparison(view.compare));
  if (view.only !== null) query.set("only", `${view.only.dimension}:${view.only.value}`);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Changes the view. `isCorrection` says that the reader didn't ask for it: then Back doesn't lead to what was before. */
export type ChangeView = (change: Partial<View>, isCorrection?: boolean) => void;
