import type { Count, WindowRow } from "../../../sdk/answers.ts";

/**
 * How many of `all` aren't in `part`, which is a part of it; null where one isn't known, or where the interval of the
 * difference, whose errors add up, is wider than the difference itself.
 */
export function difference(
  all: Pick<WindowRow, "count" | "low" | "high">,
  part: Pick<WindowRow, "count" | "low" | "high">,
): Exclude<Count, { count: null }> | null {
  if (all.count === null || all.low === null || all.high === null) return null;
  if (part.count === null || part.low === null || part.high === null) return null;
  const count = Math.max(0, all.count - part.count);
  const [low, high] = [Math.max(0, all.low - part.high), Math.max(0, all.high - part.low)];
  return high - low > count ? null : { count, low, high };
}
