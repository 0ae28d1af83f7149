import { slotMs } from "../../sdk/wire.ts";
import { hourMs } from "../limits.ts";

/** A slot is five minutes, an hour is an hour of UTC, a day is a day in the app's time zone. */
export type PeriodKind = "slot" | "hour" | "day";

/** A stretch of time that has a sketch of its own. `start` is included, `end` is not; both in Unix milliseconds. */
export interface Period {
  kind: PeriodKind;
  start: number;
  end: number;
}

/** The width of the periods that all apps share. Days depend on the time zone: see `Calendar`. */
const widthMs = { slot: slotMs, hour: hourMs } as const;

/** The slot or the hour in which `at` lies. */
export function periodAt(kind: "slot" | "hour", at: number): Period {
  const width = widthMs[kind];
  const start = Math.floor(at / width) * width;
  return { kind, start, end: start + width };
}

/** The slots or hours, in order, that touch `from` (included) to `to` (not included). */
export function periodsBetween(kind: "slot" | "hour", from: number, to: number): Period[] {
  const periods: Period[] = [];
  for (let period = periodAt(kind, from); period.start < to; period = periodAt(kind, period.end)) {
    periods.push(period);
  }
  return periods;
}
