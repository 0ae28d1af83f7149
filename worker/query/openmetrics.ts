import type { RollupState } from "../counting/rollup-state.ts";
import type { CounterValues } from "../counting/counters.ts";
import { nested } from "../counting/nested.ts";
import { everyone } from "../counting/series.ts";
import { dayMs } from "../limits.ts";
import { percent } from "./figures.ts";
import { newestQuickRatio } from "./growth.ts";
import { power, usualPowerDays } from "./power.ts";

/** What `/metrics` shows of one app. A gauge that can't be known is left out. */
export interface MetricsSnapshot {
  active: { window: "1d" | "7d" | "30d"; count: number | null }[];
  stickinessPercent: number | null;
  online: number | null;
  openSockets: number;
  /** Absent until a roll-up that has started has recomputed. */
  habits?: Habits | undefined;
  /** Counts that are kept for good. */
  counters: CounterValues;
  queries: { hits: number; unions: number };
}

/** What is told of whole days, and costs too much to be computed for each scrape. */
export interface Habits {
  powerUsers: number | null;
  quickRatio: number | null;
}

/** Whoever was there on so many of the usual days of a power user curve: three of four. */
const powerUserDays = 21;

export function habits(state: RollupState, now: number): Habits {
  const { curve } = power(state, usualPowerDays, state.calendar.dayAt(now).start, now, everyone);
  return {
    powerUsers: curve[powerUserDays - 1]?.orMore.count ?? null,
    quickRatio: newestQuickRatio(state, now),
  };
}

/** The figures of the present. */
export function metricsSnapshot(
  state: RollupState,
  now: number,
  openSockets: number,
  ofDays?: Habits,
): MetricsSnapshot {
  const counts = nested(
    [5 * 60_000, dayMs, 7 * dayMs, 30 * dayMs].map((lengthMs) =>
      state.count(now - lengthMs, now, now, { of: "everyone" }, "between"),
    ),
  );
  const [online = null, day = null, week = null, month = null] = counts.map(({ count }) => count);
  return {
    active: [
      { window: "1d", count: day },
      { window: "7d", count: week },
      { window: "30d", count: month },
    ],
    stickinessPercent: day === null || month === null ? null : percent(day, month),
    online,
    openSockets,
    habits: ofDays,
    counters: state.serviceCounts(),
    queries: { ...state.unionCounts },
  };
}

export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/**
 * The OpenMetrics text of one app (OpenMetrics 1.0: a family's HELP and TYPE before its samples, counters ending in
 * `_total`, `# EOF` at the end).
 */
export function openMetrics(
  app: string,
  { active, stickinessPercent, online, openSockets, habits: ofDays, counters, queries }: MetricsSnapshot,
): string {
  const lines: string[] = [];
  const family = (name: string, type: "gauge" | "counter", help: string, samples: Sample[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { labels = {}, value } of samples) {
      if (value === null) continue;
      const all = Object.entries({ app, ...labels }).map(([label, text]) => `${label}="${escaped(text)}"`);
      lines.push(`${name}${type === "counter" ? "_total" : ""}{${all.join()}} ${value}`);
    }
  };
  family(
    "headcount_active_users",
    "gauge",
    "People active in a rolling window, each once.",
    active.map(({ window, count }) => ({ labels: { window }, value: count })),
  );
  family("headcount_stickiness_percent", "gauge", "Daily over monthly active users.", [
    { value: stickinessPercent },
  ]);
  family("headcount_power_users", "gauge", "People active on 21 or more of the last 28 whole days.", [
    { value: ofDays?.powerUsers ?? null },
  ]);
  family(
    "headcount_quick_ratio",
    "gauge",
    "People who came for each person who left, between the last two whole days.",
    [{ value: ofDays?.quickRatio ?? null }],
  );
  family("headcount_online_users", "gauge", "People active in the last five minutes.", [{ value: online }]);
  family("headcount_open_sockets", "gauge", "Open sockets, as the gates last reported.", [
    { value: openSockets },
  ]);
  family(
    "headcount_beats",
    "counter",
    "Beats by outcome.",
    named(counters, "beats_", beatOutcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
  family(
    "headcount_tokens",
    "counter",
    "Tokens by outcome.",
    named(counters, "tokens_", tokenOutcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
  for (const [name, help] of Object.entries(plainCounters)) {
    family(`headcount_${name}`, "counter", help, [{ value: counters[name] ?? 0 }]);
  }
  family("headcount_query_unions", "counter", "Unions of sketches that queries asked for.", [
    { labels: { result: "ready" }, value: queries.hits },
    { labels: { result: "united" }, value: queries.unions },
  ]);
  return `${lines.join("\n")}\n# EOF\n`;
}

interface Sample {
  labels?: Record<string, string>;
  value: number | null;
}

const plainCounters = {
  commits: "Commits of shards that wrote something.",
  pushes: "Pushes of shards that the roll-up absorbed.",
};

/** What may become of a beat or a token: told from the first scrape on, since a rate needs a value to begin from. */
const beatOutcomes = [
  "accepted",
  "absorbed_at_edge",
  "late",
  "trimmed",
  "rejected_bot",
  "rejected_in_the_future",
  "rejected_malformed",
  "rejected_too_old",
];
const tokenOutcomes = ["issued", "rotated", "revoked", "reused", "refused"];

function named(counters: CounterValues, prefix: string, outcomes: readonly string[]): [string, number][] {
  const zeros = Object.fromEntries(outcomes.map((outcome) => [prefix + outcome, 0]));
  return Object.entries({ ...zeros, ...counters })
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]): [string, number] => [name.slice(prefix.length), value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Label values escape backslash, quote and line feed. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
