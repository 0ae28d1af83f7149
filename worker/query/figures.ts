import type { Count } from "../../sdk/wire.ts";
import type { Counted } from "../sketch/index.ts";

/** A count as it stands in an answer: with its interval, or null with the reason. */
export type Figure = Count;

/** A figure that can't be known. */
export function blank(reason: string): Extract<Count, { count: null }> {
  return { count: null, low: null, high: null, reason };
}

/** A difference of counts is told only where the interval says something: not where it is wider than the value. */
export function toldOrBlank(figure: Counted): Figure {
  if (figure.high - figure.low > figure.count && figure.high !== figure.low) {
    return blank("the interval is wider than the value");
  }
  return figure;
}

/** Two decimals, of per cent. */
export function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 100;
}

/** An instant in ISO 8601, to the second, UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
