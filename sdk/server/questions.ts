/** A rolling window: minutes, hours or days back from now. */
export type Window = `${number}${"m" | "h" | "d"}`;

/** Unix milliseconds, a `Date`, or a text: a day of the app's time zone (`YYYY-MM-DD`) or ISO 8601 with a zone. */
export type Instant = number | Date | string;

/** What every question may say. */
export interface Question {
  /** `true` has what was counted in the last seconds in it. Default `false`: may lag by 15 s. */
  fresh?: boolean | undefined;
  /** Ends the wait; the promise then rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/** Only those with these values, by dimension: `{ platform: "ios" }`. */
interface Filtered {
  where?: Record<string, string> | undefined;
}

/** Split by this dimension. */
interface Split {
  by?: string | undefined;
}

/** Rolling windows, all since an instant, between two (`to` not included), or a calendar period (around `date`, or today). */
export type ActiveQuestion = Question &
  Filtered &
  Split &
  (
    | { window: Window | readonly Window[] }
    | { since: Instant }
    | { from: Instant; to: Instant }
    | { period: "day" | "week" | "month"; date?: string | undefined }
  );

export interface EngagementQuestion extends Question, Filtered, Split {}

export interface OnlineQuestion extends Question, Filtered, Split {}

export interface TimeseriesQuestion extends Question, Filtered, Split {
  metric: "dau" | "wau" | "mau" | "new" | "stickiness";
  /** The first day, `YYYY-MM-DD`. Default 30 days before `to`. */
  from?: string | undefined;
  /** The day after the last, `YYYY-MM-DD`. Default tomorrow, so that today is the last. */
  to?: string | undefined;
}

export interface RetentionQuestion extends Question, Filtered, Split {
  /** Default `day`. */
  interval?: "day" | "week" | undefined;
  /** How many cohorts. */
  cohorts?: number | undefined;
  /** How many intervals each is followed for. */
  periods?: number | undefined;
}

export interface LifecycleQuestion extends Question, Filtered {
  /** Default `day`. */
  interval?: "day" | "week" | undefined;
  /** How many intervals. */
  periods?: number | undefined;
}

export interface PowerQuestion extends Question, Filtered {
  /** Of how many days, 2 to 31. Default 28. */
  days?: number | undefined;
  /** The day after the last, `YYYY-MM-DD`. Default today, so that yesterday is the last. */
  to?: string | undefined;
}

export interface GrowthQuestion extends Question {
  /** Default `day`. */
  interval?: "day" | "week" | undefined;
  /** How many intervals that are over. */
  periods?: number | undefined;
}
