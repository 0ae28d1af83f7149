import type { Counted, Ratio } from "../sketch/index.ts";
import type { DayRow } from "./history.ts";
import type { Threshold } from "./webhooks.ts";

/** What is said when an alert begins, and when it is over. */
export interface AlertText {
  begun: string;
  over: string;
}

/**
 * A report in one or two sentences, as a chat shows them.
 *
 * @param change by how many per cent the figure has grown since the week before, or null where that isn't known
 */
export function reportText(
  app: string,
  event: "daily" | "weekly",
  { date, dau, wau, mau }: Pick<DayRow, "date" | "dau" | "wau" | "mau">,
  change: Ratio | null,
): string {
  const compared = change === null ? "" : `, ${signed(change.value)} % on the week before`;
  return event === "daily"
    ? `${app}, ${dayName(date)}: ${figure(dau)} daily active users${compared}. In the 7 days to then ${figure(wau)}, in 30 days ${figure(mau)}.`
    : `${app}, week to ${dayName(date)}: ${figure(wau)} weekly active users${compared}. In the 30 days to then ${figure(mau)}.`;
}

/** @param usual between which figures the day would have been as usual, or null where that isn't known */
export function unusualText(
  app: string,
  event: "spike" | "drop",
  { date, dau }: Pick<DayRow, "date" | "dau">,
  usual: { low: number; high: number } | null,
): AlertText {
  const words = `unusually ${event === "spike" ? "many" : "few"} daily active users`;
  const range =
    usual === null ? "" : ` (usual on that weekday: ${number(usual.low)} to ${number(usual.high)})`;
  return {
    begun: `${app}, ${dayName(date)}: ${words}, ${figure(dau)}${range}.`,
    over: `${app}, ${dayName(date)}: no longer ${words}, ${figure(dau)}${range}.`,
  };
}

export function thresholdText(
  app: string,
  { metric, above, below }: Threshold,
  row: Pick<DayRow, "date" | "dau" | "wau" | "mau">,
): AlertText {
  const side = above === undefined ? `below ${number(below ?? 0)}` : `above ${number(above)}`;
  const of = `${app}, ${dayName(row.date)}: ${metricNames[metric]} active users are`;
  return {
    begun: `${of} ${side}: ${figure(row[metric])}.`,
    over: `${of} no longer ${side}: ${figure(row[metric])}.`,
  };
}

/**
 * @param from since when nobody has been active, Unix milliseconds
 * @param usual how many there were at least in the same hours of each of the weeks before
 */
export function silenceText(app: string, from: number, usual: number): AlertText {
  const since = new Date(from).toISOString().slice(0, 16).replace("T", " ");
  return {
    begun: `${app}: nobody has been active since ${since} UTC. In the same hours of each of the last four weeks there were at least ${number(usual)} people.`,
    over: `${app}: people are active again.`,
  };
}

const metricNames = { dau: "daily", wau: "weekly", mau: "monthly" } as const;

/** Exact figures have no interval. */
function figure({ count, low, high }: Counted): string {
  return low === high ? number(count) : `${number(count)} (${number(low)} to ${number(high)})`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

function dayName(date: string): string {
  const weekday = new Date(date).toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });
  return `${weekday} ${date}`;
}
