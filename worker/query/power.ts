import { piecesOf } from "../counting/history.ts";
import type { Answer, PowerAnswer } from "../../sdk/wire.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { refused, type Result } from "../result.ts";
import { PowerUserCurve } from "../sketch/index.ts";
import { blank, iso, told } from "./figures.ts";
import { numberIn } from "./members.ts";
import { spansUntil, whyBlank } from "./retention.ts";

export const powerDefinition = "power/1";

/** What is answered of the app's people. */
export type PowerRows = Omit<PowerAnswer, keyof Answer>;

/** The days of a curve, where nothing is said: four whole weeks, so that each weekday is in it as often. */
export const usualPowerDays = 28;

const [fewestDays, mostDays] = [2, 31];

/** Of how many days a query asks for a curve. */
export function askedPowerDays(query: URLSearchParams): Result<number> {
  const days = numberIn(query, "days", usualPowerDays, mostDays);
  return days.ok && days.value >= fewestDays
    ? days
    : refused(`days: expected a whole number from ${fewestDays} to ${mostDays}`);
}

/**
 * On how many of the `count` days that end before `to` each person was active, of one series.
 *
 * @param to the end of the last day, Unix milliseconds
 */
export function power(state: RollupState, count: number, to: number, now: number, series: string): PowerRows {
  const days = spansUntil(state, "day", count, to - 1).flatMap((span) => span.days);
  const period = { from: iso(days[0]?.from ?? to), to: iso(days.at(-1)?.to ?? to), days: count };
  const pieces = piecesOf(days);
  const firstTo = days[0]?.to ?? to;
  const reason =
    whyBlank(state, days, now) ?? state.whyOnlyLastSeen(firstTo) ?? state.whyHidden(pieces, series);
  if (reason !== null) return { ...period, people: blank(reason), curve: [] };
  const curve = new PowerUserCurve(days.map((day) => state.people(day.pieces, series)));
  const rows = Array.from({ length: count }, (_, index) => {
    const { people, share } = curve.between(index + 1, index + 1);
    return {
      days: index + 1,
      ...people,
      share: told(curve.people.count > 0 ? share : null),
      orMore: curve.between(index + 1, count).people,
    };
  });
  return { ...period, people: curve.people, curve: rows };
}
