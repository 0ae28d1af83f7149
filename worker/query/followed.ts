import { type CutDay, piecesOf } from "../counting/history.ts";
import { People } from "../counting/people.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import { blank } from "./figures.ts";

/** Where fewer people's first days are known, those that are new can't be told from the others. */
const leastFollowed = 0.9;

/** The share of the people of some days of whom it is known when they first appeared, 0 to 1; null where nobody was there. */
export function followedOf(state: RollupState, days: readonly CutDay[]): number | null {
  const pieces = piecesOf(days);
  const all = state.people(pieces, everyone).counted().count;
  if (all === 0) return null;
  const weeks = Array.from(state.values(pieces, "week"), (week) =>
    state.people(pieces, seriesOf("week", week)),
  );
  const known = People.union(weeks, state.keyId).counted().count;
  return Math.min(1, Math.round((1000 * known) / all) / 1000);
}

/** Says why figures of who is new can't be told, or null where they can. */
export function whyUnfollowed(followed: number | null): ReturnType<typeof blank> | null {
  if (followed === null || followed >= leastFollowed) return null;
  const percent = Math.round(100 * followed);
  return blank(`the first day is known for only ${percent} % of the people: send since with every beat`);
}
