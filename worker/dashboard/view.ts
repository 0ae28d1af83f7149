import { useCallback, useState } from "preact/hooks";
import { isZone } from "./format.ts";
import type { Part } from "./question.ts";

/** What is looked at. It stands in the address, so that a link shows the same; the key does not. */
export interface View {
  metric: "dau" | "wau" | "mau";
  /** Days in the trends. */
  range: 30 | 90 | 365;
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
  metric: "dau",
  range: 90,
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
    metric: choice("metric", ["dau", "wau", "mau"], initial.metric),
    range: choice("range", [30, 90, 365], initial.range),
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
  for (const name of ["metric", "range", "by", "window", "interval", "zone"] as const) {
    if (view[name] !== null && view[name] !== initial[name]) query.set(name, String(view[name]));
  }
  if (view.only !== null) query.set("only", `${view.only.dimension}:${view.only.value}`);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The view of the address, and what changes it there. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => readView(location.search));
  const change = useCallback((part: Partial<View>) => {
    setView((before) => {
      const after = { ...before, ...part };
      history.replaceState(history.state, "", location.pathname + writeView(after));
      return after;
    });
  }, []);
  return [view, change];
}
