import type { Counted } from "../sketch/index.ts";
import type { Span } from "./move-past.ts";

/** The share of what lies between the inner and the outer edges that was asked for. */
export function shareInside(asked: Span, outer: Span, inner: Span | null): number {
  const length = ({ from, to }: Span) => to - from;
  const kept = inner === null ? 0 : length(inner);
  return Math.min(1, Math.max(0, (length(asked) - kept) / (length(outer) - kept)));
}

/**
 * A count between two others, of which one holds the other: what came within the edge's period is taken as evenly spread.
 * In truth it lies somewhere between the two, which widens the bounds.
 */
export function between(inner: Counted, outer: Counted, share: number): Counted {
  const mix = (member: keyof Counted) => inner[member] + share * (outer[member] - inner[member]);
  const count = mix("count");
  return {
    count: Math.round(count),
    low: Math.floor(Math.max(0, count - Math.hypot(count - mix("low"), count - inner.count))),
    high: Math.ceil(count + Math.hypot(mix("high") - count, outer.count - count)),
  };
}
