import type { People } from "../counting/people.ts";
import type { RollupState, Scope, WindowCount } from "../counting/rollup-state.ts";
import { everyone } from "../counting/series.ts";
import { changeOf, growthOf, type Ratio, share, sizeRatio, type TwoPhaseSet } from "../sketch/index.ts";

/** A window, how many people were counted in it, and their sketches; null where nothing is known. */
export interface SketchedWindow {
  counted: WindowCount;
  people: People | null;
}

/** A count of a window with the sketches behind it. */
export function sketched(
  state: RollupState,
  counted: WindowCount,
  scope: Scope,
  now: number,
): SketchedWindow {
  if (counted.count === null) return { counted, people: null };
  const series = scope.of === "series" ? scope.series : everyone;
  const { pieces } = state.cover(counted.from, counted.to, state.present(now, scope));
  return { counted, people: state.people(pieces, series) };
}

/** The share that a window's people are of those of a longer one around it, 0 to 1. */
export function shareOfWindow(part: SketchedWindow, whole: SketchedWindow): Ratio | null {
  const ratio = ratioOfWindows(part, whole, share);
  return (
    ratio && { value: Math.min(1, ratio.value), low: Math.min(1, ratio.low), high: Math.min(1, ratio.high) }
  );
}

/** How many people one window has for each of another one. */
export function ratioOfWindows(
  part: SketchedWindow,
  whole: SketchedWindow,
  estimate: (part: TwoPhaseSet, whole: TwoPhaseSet) => Ratio | null = sizeRatio,
): Ratio | null {
  if (part.people === null || whole.people === null) return null;
  const ratio = estimate(part.people, whole.people);
  if (ratio === null) return null;
  // Counts may be of somewhat less than what the sketches hold, whose edges lie further out.
  const value = (ratio.value * heldOf(part)) / heldOf(whole);
  const edges = Math.hypot(edgeError(part), edgeError(whole));
  const error = (bound: number) => value * Math.hypot(ratio.value === 0 ? 0 : bound / ratio.value - 1, edges);
  return {
    value,
    low: Math.max(0, value - error(ratio.low)),
    high: ratio.value === 0 ? ratio.high : value + error(ratio.high),
  };
}

/** By what share a window has more people than the one before it. */
export function growthOfWindow(is: SketchedWindow, was: SketchedWindow): Ratio | null {
  const ratio = ratioOfWindows(is, was);
  return ratio && changeOf(ratio);
}

/** By what share a ratio is larger than the one before it. */
export function growthOfRatio(is: Ratio | null, was: Ratio | null): Ratio | null {
  return is && was && growthOf(is, was);
}

/** The people counted for each in the sketches. */
function heldOf({ counted, people }: SketchedWindow): number {
  const held = people?.counted().count ?? 0;
  return counted.count === null || counted.count === 0 || held === 0 ? 1 : counted.count / held;
}

/** What counting between two edges that are kept adds to the bounds of a count, as a share of it. */
function edgeError({ counted, people }: SketchedWindow): number {
  if (counted.covers === undefined || people === null || !counted.count) return 0;
  const sampled = people.counted();
  const all = (counted.high! - counted.low!) / 2 / counted.count;
  const own = (sampled.high - sampled.low) / 2 / Math.max(1, sampled.count);
  return Math.sqrt(Math.max(0, all ** 2 - own ** 2));
}
