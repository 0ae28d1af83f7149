/** Height of the box, and what is left free above and below the line, in the line's own units. */
export const sparkHeight = 32;
const margin = 2;
/** Fewer values than these are no line yet. */
const leastValues = 5;
/** A change of fewer people, or of less than a share of the highest value, doesn't fill the box: it is no explosion. */
const leastSpread = { people: 10, share: 0.5 };

/**
 * The points of a line without axes: x from 0 to 100, y from the top.
 * @param values of which the newest stands on the right
 * @param places how many values there may be: a few of them don't fill the box
 */
export function sparkPoints(values: readonly (number | null)[], places: number): [x: number, y: number][] {
  const known = values.filter((value) => value !== null);
  if (known.length < leastValues) return [];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const spread = Math.max(high - low, leastSpread.people, high * leastSpread.share);
  const ground = Math.max(0, Math.min(low, high - spread));
  return [...values.entries()].flatMap(([index, value]): [number, number][] => {
    if (value === null) return [];
    const x = 100 - ((values.length - 1 - index) / Math.max(1, places - 1)) * 100;
    return [[x, sparkHeight - margin - ((value - ground) / spread) * (sparkHeight - 2 * margin)]];
  });
}
