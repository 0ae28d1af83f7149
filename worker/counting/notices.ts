import { type Counted, growthOf, type Ratio } from "../sketch/index.ts";
import { dayMs } from "../limits.ts";
import type { DayRow } from "./history.ts";
import { comparedDays, usualRange } from "./usual-range.ts";
import type { Threshold, Webhook } from "./webhooks.ts";
import { type AlertText, reportText, silenceText, thresholdText, unusualText } from "./notice-text.ts";

/** What a webhook is told: becomes the body of a delivery. */
export interface Notice {
  event: "hello" | "daily" | "weekly" | "spike" | "drop" | "silence" | "threshold";
  /** Of an alert, whether it begins or is over. */
  state?: "begun" | "over";
  text: string;
  data: object;
}

/** What one webhook has been told. */
export interface Told {
  /** The last day and the last week (its Sunday) that were reported, and the last day that was judged. */
  daily: string | null;
  weekly: string | null;
  judged: string | null;
  /** Alerts that have begun and are not over. */
  open: string[];
}

/** What is known of an app when its webhooks are seen to. */
export interface Facts {
  app: string;
  /** Rows of closed days in their order, the last one of yesterday; at least those that {@link factDays} reaches back to. */
  rows: readonly DayRow[];
  /** Whether nobody comes any more; asked only where somebody wants to know. */
  silence: () => Silence;
}

/** Whether nobody has come for some hours in which many always did: Unix milliseconds, and the least of those many. */
export interface Silence {
  from: number;
  to: number;
  /** Null where it can't be told: nobody comes, and it isn't known that somebody should. */
  isSilent: boolean | null;
  usual: number;
}

/** Days before yesterday that are looked at. */
export const factDays = comparedDays;

/** A figure that was beyond a threshold is back once it is this part beyond it on the other side. */
const backShare = 0.05;

/** Of one condition, whether it holds; null where it neither clearly does nor clearly doesn't. */
interface Condition {
  key: string;
  event: "spike" | "drop" | "silence" | "threshold";
  holds: boolean | null;
  text: AlertText;
  data: object;
}

/** What a webhook is to be told now, and what it has been told then. Pure: told the same again, it says nothing. */
export function noticesOf(
  webhook: Webhook,
  told: Told | null,
  { app, rows, silence }: Facts,
): { notices: Notice[]; told: Told } {
  const notices: Notice[] = [];
  if (told === null) {
    const { events, thresholds } = webhook;
    const text = `Headcount will report on the app ${app} here: ${[...events, ...(thresholds.length > 0 ? ["thresholds"] : [])].join(", ")}.`;
    notices.push({ event: "hello", text, data: { events, thresholds } });
  }
  const next = { ...(told ?? { daily: null, weekly: null, judged: null, open: [] }) };
  const byDate = new Map(rows.map((row) => [row.date, row]));
  const last = rows.at(-1);
  for (const event of ["daily", "weekly"] as const) {
    if (!webhook.events.includes(event)) continue;
    const row = event === "daily" ? last : rows.findLast(({ date }) => isSunday(date));
    if (row === undefined || (next[event] !== null && row.date <= next[event])) continue;
    next[event] = row.date;
    notices.push(report(app, event, row, byDate.get(daysBefore(row.date, 7))));
  }
  const conditions = webhook.events.includes("silence") ? [silent(app, silence())] : [];
  if (last !== undefined && (next.judged === null || last.date > next.judged)) {
    next.judged = last.date;
    conditions.push(...unusual(app, webhook, last, byDate));
    conditions.push(...webhook.thresholds.map((threshold) => beyond(app, threshold, last)));
  }
  for (const { key, event, holds, text, data } of conditions) {
    const isOpen = next.open.includes(key);
    if (holds === null || holds === isOpen) continue;
    const state = holds ? "begun" : "over";
    next.open = holds ? [...next.open, key] : next.open.filter((each) => each !== key);
    notices.push({ event, state, text: text[state], data });
  }
  return { notices, told: next };
}

function report(app: string, event: "daily" | "weekly", row: DayRow, before: DayRow | undefined): Notice {
  const { date, dau, wau, mau } = row;
  const metric = event === "daily" ? "dau" : "wau";
  const change = before === undefined ? null : percentChange(row[metric], before[metric]);
  const data = {
    day: date,
    dau,
    wau,
    mau,
    weekBefore: before === undefined ? null : { day: before.date, [metric]: before[metric] },
    change,
  };
  return { event, text: reportText(app, event, row, change), data };
}

/** By how many per cent a figure has grown, with the 95 % interval; null where either may be of nobody. */
function percentChange(is: Counted, was: Counted): Ratio | null {
  const asRatio = ({ count, low, high }: Counted) => ({ value: count, low, high });
  const growth = growthOf(asRatio(is), asRatio(was));
  if (growth === null) return null;
  const percent = (share: number) => Math.round(share * 1000) / 10;
  return { value: percent(growth.value), low: percent(growth.low), high: percent(growth.high) };
}

/** A day counts as unusual only where its whole interval is. */
function unusual(
  app: string,
  webhook: Webhook,
  last: DayRow,
  byDate: ReadonlyMap<string, DayRow>,
): Condition[] {
  const before = Array.from(
    { length: comparedDays },
    (_, index) => byDate.get(daysBefore(last.date, index + 1))?.dau.count ?? null,
  );
  const range = usualRange(before);
  const usual = range && { low: Math.round(range.low), high: Math.round(range.high) };
  const { dau, date: day } = last;
  const holds = {
    spike: range && dau.low > range.high,
    drop: range && dau.high < range.low,
  };
  return (["spike", "drop"] as const)
    .filter((event) => webhook.events.includes(event))
    .map((event) => ({
      key: event,
      event,
      holds: holds[event],
      text: unusualText(app, event, last, usual),
      data: { day, dau, usual },
    }));
}

function beyond(app: string, threshold: Threshold, last: DayRow): Condition {
  const { metric, above, below } = threshold;
  const { low, high } = last[metric];
  const number = above ?? below ?? 0;
  const [isBeyond, isBack] =
    above === undefined
      ? [number > high, low > number * (1 + backShare)]
      : [low > number, high < number * (1 - backShare)];
  const side = above === undefined ? { below: number } : { above: number };
  return {
    key: `${metric} ${above === undefined ? "below" : "above"} ${number}`,
    event: "threshold",
    holds: isBeyond || (isBack ? false : null),
    text: thresholdText(app, threshold, last),
    data: { day: last.date, metric, ...side, [metric]: last[metric] },
  };
}

function silent(app: string, { from, to, isSilent, usual }: Silence): Condition {
  const data = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), usual };
  return { key: "silence", event: "silence", holds: isSilent, text: silenceText(app, from, usual), data };
}

function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - days * dayMs).toISOString().slice(0, 10);
}

function isSunday(date: string): boolean {
  return new Date(date).getUTCDay() === 0;
}
