import type { LifecycleRow } from "../../sdk/wire.ts";
import type { CutDay } from "../counting/history.ts";
import { People } from "../counting/people.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import type { Counted } from "../sketch/index.ts";
import { blank, toldOrBlank } from "./figures.ts";
import { type Interval, spansUntil, whyBlank } from "./retention.ts";

export const lifecycleDefinition = "lifecycle/1";

/**
 * New, returning, resurrected and dormant people, a row a period. New ones are counted; the others are differences of
 * unions, whose errors add up: where the interval is wider than the value they are null.
 */
export function lifecycle(
  state: RollupState,
  interval: Interval,
  periods: number,
  now: number,
  series: string = everyone,
): LifecycleRow[] {
  const spans = spansUntil(state, interval, periods + 1, now);
  const cohort = interval === "day" ? "cohort" : "week";
  return spans.slice(1).map(({ date, days }, index) => {
    const before = spans[index]?.days ?? [];
    const reason = whyBlank(state, days, now);
    if (reason !== null) {
      const unknown = blank(reason);
      return { period: date, new: unknown, returning: unknown, resurrected: unknown, dormant: unknown };
    }
    const [was, is] = [peopleOf(state, before, series), peopleOf(state, days, series)];
    const either = People.union([was, is], state.keyId).counted();
    const fresh = peopleOf(state, days, seriesOf(cohort, date)).counted();
    const [a, b] = [was.counted(), is.counted()];
    const unfollowed =
      series === everyone ? null : blank("first appearances are followed for everyone alone");
    return {
      period: date,
      new: unfollowed ?? fresh,
      returning: toldOrBlank(sum([a, b], [either])),
      resurrected: unfollowed ?? toldOrBlank(sum([either], [a, fresh])),
      dormant: toldOrBlank(sum([either], [b])),
    };
  });
}

function peopleOf(state: RollupState, days: readonly CutDay[], series: string): People {
  return state.people(
    days.flatMap((day) => day.pieces),
    series,
  );
}

/** Counts added and taken away; their errors, which may go together, are simply added. */
function sum(added: readonly Counted[], taken: readonly Counted[]): Counted {
  const total = (of: readonly Counted[], member: keyof Counted) =>
    of.reduce((all, one) => all + one[member], 0);
  return {
    count: Math.max(0, total(added, "count") - total(taken, "count")),
    low: Math.max(0, total(added, "low") - total(taken, "high")),
    high: Math.max(0, total(added, "high") - total(taken, "low")),
  };
}
