/** What the API answers, as far as this page reads it. `docs/queries.md` says what each figure means. */

/** A count with its 95 % interval; null with the reason where it can't be known. */
export interface Count {
  count: number | null;
  low: number | null;
  high: number | null;
  reason?: string;
}

interface Span {
  from: string;
  to: string;
}

/** One rolling window, with each value of a dimension when it was asked for. */
interface WindowRow extends Count, Span {
  window: string;
  groups?: (Count & { value: string })[];
}

export interface ActiveAnswer {
  at: string;
  windows: WindowRow[];
}

export interface OnlineAnswer extends ActiveAnswer {
  /** Open web sockets. */
  sockets?: number;
}

export interface ActiveMetric extends Count, Span {
  metric: "dau" | "wau" | "mau";
  previous: Count & Span;
  growth: number | null;
}

export interface RatioMetric {
  metric: "dauWau" | "dauMau" | "wauMau" | "stickiness";
  value: number | null;
  previous: number | null;
  growth: number | null;
}

export interface EngagementAnswer {
  at: string;
  metrics: (ActiveMetric | RatioMetric)[];
}

/** One day. Stickiness has `percent`, all else a count. `closed` says that the day is over. */
export interface Point extends Partial<Count>, Span {
  date: string;
  closed: boolean;
  percent?: number | null;
}

export interface TimeseriesAnswer {
  at: string;
  points: Point[];
}

export interface CohortRow {
  cohort: string;
  size: Count;
  periods: (Count & { period: number; rate: number | null })[];
}

export interface RetentionAnswer {
  cohorts: CohortRow[];
}

export interface LifecycleRow {
  period: string;
  new: Count;
  returning: Count;
  resurrected: Count;
  dormant: Count;
}

export interface LifecycleAnswer {
  periods: LifecycleRow[];
}

/** The roll-up's row of `/v1/status`: what a reader must know to ask. */
export interface AppFacts {
  part: "rollup";
  /** The start of the oldest day with activity, or null before there is any. */
  firstDay: string | null;
  timeZone: string;
  dimensions: string[];
}

export interface StatusAnswer {
  app: string;
  parts: ({ part: "shard" | "gate" } | AppFacts)[];
}
