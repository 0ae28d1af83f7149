import type { Counted } from "../sketch/index.ts";

/** A count of people raised to that of some of them: each has its own error, and a part is never more than the whole. */
export function atLeast<Whole extends Counted>(whole: Whole, part: Counted): Whole {
  return {
    ...whole,
    count: Math.max(whole.count, part.count),
    low: Math.max(whole.low, part.low),
    high: Math.max(whole.high, part.count),
  };
}
