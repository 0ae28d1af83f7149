import type { PointRow } from "../../sdk/answers.ts";

/** The language of the page, so that numbers and dates are written as the words around them. */
const locale = "en-GB";

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

/** Stands where nothing is known. */
export const unknown = "–";

export function number(value: number | null | undefined): string {
  return value == null ? unknown : whole.format(value);
}

export function percent(value: number | null | undefined, decimals = 1): string {
  return value == null ? unknown : `${value.toFixed(decimals)} %`;
}

/** A change in per cent, with its sign. */
export function change(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? "−" : "+"}${size < 10 ? size.toFixed(1) : whole.format(size)} %`;
}

/** The interval of a count in words: that the count is exact, or the bounds of the 95 % interval. */
export function interval({ count, low, high }: Pick<PointRow, "count" | "low" | "high">): string {
  if (count == null || low == null || high == null) return "";
  return low === high ? "exact count" : `95 % interval: ${number(low)} – ${number(high)}`;
}

/** A date (`2026-11-19`) as a day of the app's zone, whatever the zone of the reader. */
export function day(date: string, style: "short" | "long" = "short"): string {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(style === "long" && { weekday: "short", year: "numeric" }),
  });
}

/** An instant to the minute, in a zone. */
export function instant(iso: string, timeZone: string): string {
  const options = { timeZone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  return new Date(iso).toLocaleString(locale, options);
}

/** The time of day of an instant, to the second, in a zone. */
export function clock(iso: string, timeZone: string): string {
  return new Date(iso).toLocaleTimeString(locale, { timeZone });
}

/** Whether this browser knows a time zone by this name. */
export function isZone(name: string | null | undefined): boolean {
  try {
    return name != null && Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/** The date in a zone that lies so many days before an instant's, as `2026-11-19`. */
export function dateDaysAgo(days: number, timeZone: string, now = Date.now()): string {
  const date = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(now);
  return new Date(Date.parse(`${date}T12:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}

/** The date so many days after another, as `2026-11-19`. */
export function dayAfter(date: string, days: number): string {
  return date === "" ? "" : new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** How many days lie between two dates; below zero where the second is the earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** Whether a text is a date of the calendar, as `2026-11-19`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
