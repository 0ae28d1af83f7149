import type { Period } from "../counting/periods.ts";
import type { RollupState } from "../counting/rollup-state.ts";
import { seriesOf } from "../counting/series.ts";
import { maxJointFits } from "../limits.ts";

/** A split by so many values is too much for what was asked for: `most` figures a value would do. */
export interface TooMuch {
  values: number;
  most: number;
}

/** Small sketches are compared address by address, which takes about a tenth of the time of a fit. */
const smallCost = 0.1;

/** Whether a split in which each figure of each value is a fit of its own takes more time than one object has. */
export function tooManyFits(
  state: RollupState,
  pieces: readonly Period[],
  dimension: string,
  figures: number,
): TooMuch | null {
  const values = [...state.values(pieces, dimension)];
  const cost = values.reduce((sum, value) => {
    const isSmall = state.people(pieces, seriesOf(dimension, value)).added.isSparse;
    return sum + (isSmall ? smallCost : 1);
  }, 0);
  return cost * figures > maxJointFits
    ? { values: values.length, most: Math.floor(maxJointFits / cost) }
    : null;
}
