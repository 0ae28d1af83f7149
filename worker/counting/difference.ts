import { type Counted, countOf, type HyperLogLog } from "../sketch/index.ts";

/**
 * The count of those in `whole` who are not in `part`, which must be contained in it: with it the interval, the
 * two errors taken as independent. Exact where both are sparse.
 */
export function difference(whole: HyperLogLog, part: HyperLogLog): Counted {
  const of = countOf(whole);
  const less = countOf(part);
  const count = Math.max(0, of.count - less.count);
  return {
    count,
    low: Math.max(0, Math.floor(count - Math.hypot(of.count - of.low, less.high - less.count))),
    high: Math.ceil(count + Math.hypot(of.high - of.count, less.count - less.low)),
  };
}
