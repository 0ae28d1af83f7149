import type { LifecycleRow } from "../../sdk/wire.ts";
import { cohortSeries, type CutDay, piecesOf } from "../counting/history.ts";
import type { People } from "../counting/people.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { everyone } from "../counting/series.ts";
import { compare } from "../sketch/index.ts";
import { blank, toldOrBlank } from "./figures.ts";
import { followedOf, whyUnfollowed } from "./followed.ts";
import { type Interval, spansUntil, whyBlank } from "./retention.ts";

export const lifecycleDefinition = "lifecycle/1";

/**
 * New, returning, resurrected and dormant people, a row a period, as the sketches of both periods and of the new ones tell
 * together. Where an interval is wider than the value they are null.
 */
export function lifecycle(
  state: RollupState,
  interval: Interval,
  periods: number,
  now: number,
  series: string = everyone,
): LifecycleRow[] {
  const spans = spansUntil(state, interval, periods + 1, now);
  return spans.slice(1).map(({ date, days }, index) => {
    const before = spans[index]?.days ?? [];
    const pieces = piecesOf([...before, ...days]);
    const beforeTo = before.at(-1)?.to ?? Infinity;
    const reason =
      whyBlank(state, days, now) ?? state.whyOnlyLastSeen(beforeTo) ?? state.whyHidden(pieces, series);
    if (reason !== null) {
      const unknown = blank(reason);
      return {
        period: date,
        followed: null,
        new: unknown,
        returning: unknown,
        resurrected: unknown,
        dormant: unknown,
      };
    }
    const [was, is] = [peopleOf(state, before, series), peopleOf(state, days, series)];
    const fresh = peopleOf(state, days, cohortSeries(interval, days[0] as CutDay, state.calendar));
    const isPart = series !== everyone;
    const told = compare(was, is, fresh, isPart);
    const followed = followedOf(state, days);
    const unfollowed = whyUnfollowed(followed);
    return {
      period: date,
      followed,
      new: unfollowed ?? (isPart ? toldOrBlank(told.fresh) : fresh.counted()),
      returning: toldOrBlank(told.returning),
      resurrected: unfollowed ?? toldOrBlank(told.resurrected),
      dormant: toldOrBlank(told.dormant),
    };
  });
}

function peopleOf(state: RollupState, days: readonly CutDay[], series: string): People {
  return state.people(piecesOf(days), series);
}
