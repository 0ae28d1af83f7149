/** How many people. `low` and `high` bound the truth in 95 of 100 cases; all `null`, with a `reason`, where it can't be known. */
export type Count =
  | { count: number; low: number; high: number; reason?: undefined }
  | { count: null; low: null; high: null; reason: string };

/**
 * A ratio. `low` and `high` bound the truth in 95 of 100 cases, as those of a `Count` do; they are `value` where it is exact.
 * Estimated from both sets of people at once, it may differ a little from the ratio of their counts.
 */
export type Ratio =
  | { value: number; low: number; high: number; reason?: undefined }
  | { value: null; low: null; high: null; reason: string };

/** Like `Count`, for rows that have other members too. */
interface MaybeCount {
  count: number | null;
  low: number | null;
  high: number | null;
  reason?: string | undefined;
}

/** What is really covered, ISO 8601 in UTC: `from` is included, `to` is not. */
export interface Period {
  from: string;
  to: string;
}

/** People with one value of the dimension that was asked for with `by`. */
export interface CountedGroup {
  value: string;
  count: number;
  low: number;
  high: number;
}

/** What all answers have in common. */
export interface Answer {
  app: string;
  /** When it was computed, ISO 8601 in UTC. */
  at: string;
  /** What was counted; another meaning has another version. */
  definition: string;
}

/** Between what a window was interpolated: the nearest edges that are kept, outside and inside of those asked for. */
export interface Covers {
  outer: Period;
  inner: Period;
}

export interface WindowRow extends Period, MaybeCount {
  window: string;
  /** Of a rolling window with an edge within a period that is kept as a whole. */
  covers?: Covers | undefined;
  groups?: CountedGroup[] | undefined;
}

export interface ActiveAnswer extends Answer {
  windows: WindowRow[];
}

export interface OnlineAnswer extends Answer {
  /** Open sockets. */
  sockets: number;
  windows: WindowRow[];
}

/** Active people of a rolling window, and of the one before it. `growth` is in per cent, as its interval is. */
export interface EngagementRow extends WindowRow {
  metric: "dau" | "wau" | "mau";
  previous: Period & MaybeCount & { covers?: Covers | undefined; groups?: CountedGroup[] | undefined };
  growth: number | null;
  growthInterval: Ratio;
}

/** A ratio of two counts, with the interval of each number; `stickiness` and `growth` are in per cent. */
export interface RatioRow {
  metric: "dauWau" | "dauMau" | "wauMau" | "stickiness";
  value: number | null;
  interval: Ratio;
  previous: number | null;
  previousInterval: Ratio;
  growth: number | null;
  growthInterval: Ratio;
}

export interface EngagementAnswer extends Answer {
  metrics: (EngagementRow | RatioRow)[];
}

/** A count, or for `stickiness` per cent. */
interface PointFigure {
  count?: number | null | undefined;
  low?: number | null | undefined;
  high?: number | null | undefined;
  reason?: string | undefined;
  percent?: number | null | undefined;
  percentInterval?: Ratio | undefined;
}

export interface PointRow extends Period, PointFigure {
  /** The day, `YYYY-MM-DD`, in the app's time zone. */
  date: string;
  /** Whether the day is over. */
  closed: boolean;
  /** Of the metric `new`: see `LifecycleRow`. */
  followed?: number | null | undefined;
  groups?: (PointFigure & { value: string })[] | undefined;
}

export interface TimeseriesAnswer extends Answer {
  points: PointRow[];
}

/** How many of a cohort came back. */
export interface CohortFigures {
  size: Count;
  /** `period` 0 is the cohort's own; `rate` and its interval are per cent of the size. */
  periods: (Count & { period: number; rate: number | null; rateInterval: Ratio })[];
}

export interface CohortRow extends CohortFigures {
  /** The cohort's first day, `YYYY-MM-DD`. */
  cohort: string;
  /** Of the cohort's own interval: see `LifecycleRow`. */
  followed: number | null;
  /** Those of the cohort with each value of the dimension that was asked for with `by`. */
  groups?: (CohortFigures & { value: string })[] | undefined;
}

export interface RetentionAnswer extends Answer {
  cohorts: CohortRow[];
}

export interface LifecycleRow {
  /** The period's first day, `YYYY-MM-DD`. */
  period: string;
  /**
   * The share of people, 0 to 1, of whom it is known when they first appeared; null where nobody was there. Below 0.9 nothing
   * is told of who is new.
   */
  followed: number | null;
  new: Count;
  returning: Count;
  resurrected: Count;
  dormant: Count;
}

export interface LifecycleAnswer extends Answer {
  periods: LifecycleRow[];
}

/** The people who were active on so many of the days. */
export interface PowerRow {
  days: number;
  count: number;
  low: number;
  high: number;
  /** Per cent of all who were active on any of the days. */
  share: Ratio;
  /** Those who were active on so many days or more. */
  orMore: { count: number; low: number; high: number };
}

/** On how many of some days each person was active. */
export interface PowerAnswer extends Answer, Period {
  /** How many days there are. */
  days: number;
  /** Those who were active on any of the days; `null` with a reason where nothing is known, and then no rows. */
  people: Count;
  curve: PowerRow[];
}

/** Who was in which state in a day or week, and which share of each was active in the next; rates are in per cent. */
export interface GrowthRow {
  /** The period's first day, `YYYY-MM-DD`. */
  period: string;
  /** First seen in the period. */
  new: Count;
  /** Active in it and in the 6 days (the week) before. */
  current: Count;
  /** Active in it, not in the 6 days (the week) before, but in the 23 days (3 weeks) before those. */
  reactivated: Count;
  /** Active in it, not in the 29 days (4 weeks) before, and not new. */
  resurrected: Count;
  /** Not active in it, but in the 6 days (the week) before. */
  atRiskWau: Count;
  /** Not active in it nor in the 6 days (the week) before, but in the 23 days (3 weeks) before those. */
  atRiskMau: Count;
  /** New user retention rate, per cent. */
  nurr: Ratio;
  /** Current user retention rate, per cent. */
  curr: Ratio;
  /** Reactivated user retention rate, per cent. */
  rurr: Ratio;
  /** Resurrected user retention rate, per cent. */
  surr: Ratio;
  /** People who were active in the next period and not in this one, for each who was in this one and not in the next. */
  quickRatio: Ratio;
}

export interface GrowthAnswer extends Answer {
  periods: GrowthRow[];
}

/** What became of the last message to a webhook. */
export interface WebhookRow {
  /** Of its URL; the path may be a secret. */
  origin: string;
  /** `unused`: nothing was sent yet. `waiting`: it failed, and is sent again. `given-up`: it failed too often. */
  state: "unused" | "delivered" | "waiting" | "given-up";
  /** What it told of: `daily`, `drop`, … */
  event: string | null;
  /** When that was. */
  at: string | null;
  /** Why it failed. */
  reason: string | null;
  /** When it is sent again. */
  nextAt: string | null;
}

/** The state of one of the parts that serve an app. Instants are ISO 8601, UTC. */
export type StatusRow =
  | {
      part: "rollup";
      /** Its file is damaged or was lost: restore a backup. */
      state: "damaged";
      firstDay: null;
      timeZone: string;
      dimensions: string[];
      /** Declared dimensions that the edge fills elsewhere and nothing fills here, and why. */
      unfilled?: { dimension: string; reason: string }[] | undefined;
    }
  | {
      part: "rollup";
      state: "ok";
      sketches: number;
      storedBytes: number;
      firstDay: string | null;
      alarmAt: string | null;
      timeZone: string;
      dimensions: string[];
      /** Declared dimensions that the edge fills elsewhere and nothing fills here, and why. */
      unfilled?: { dimension: string; reason: string }[] | undefined;
      /** The app's webhooks, in the order of its settings; absent where it has none. */
      webhooks?: WebhookRow[] | undefined;
    }
  | {
      part: "shard";
      index: number;
      state: "ok" | "damaged";
      pendingBytes: number;
      failedPushes: number;
      damagedRows: number;
      alarmAt: string | null;
      lastPushAt: string | null;
    }
  | { part: "shard"; index: number; state: "unreachable" }
  | {
      part: "gate";
      gate: string;
      /** Open sockets of this app; `allSockets` are of all apps. */
      sockets: number;
      reportedAt: string;
      state: "ok";
      allSockets: number;
      starts: number;
      messages: number;
      alarms: number;
      awakeSince: string;
      alarmAt: string | null;
    }
  | { part: "gate"; gate: string; sockets: number; reportedAt: string; state: "unreachable" };

export interface StatusAnswer extends Answer {
  parts: StatusRow[];
}

/** What an app's owner noted of a day, `YYYY-MM-DD` in the app's zone. */
export interface Annotation {
  day: string;
  text: string;
}

/** The oldest day first. */
export interface AnnotationsAnswer extends Answer {
  annotations: Annotation[];
}

/** A day's sketch in plain numbers: its entries while they are few, else its registers. */
interface SketchRow extends Period {
  day: string;
  part: "added" | "removed";
  count: number;
  low: number;
  high: number;
  precision: 14;
  hash: "siphash-2-4";
  keyId: string;
  entries?: number[] | undefined;
  registers?: number[] | undefined;
}

export interface SketchAnswer extends Answer {
  sketches: SketchRow[];
}
