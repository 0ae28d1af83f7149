import type { Count, Ratio } from "../../sdk/wire.ts";
import type { Counted, Ratio as SketchRatio } from "../sketch/index.ts";

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

/** A ratio that can't be known. */
export function blankRatio(reason: string): Extract<Ratio, { value: null }> {
  return { value: null, low: null, high: null, reason };
}

/** Said of a share of people of whom nobody can be told to be there. */
const nobodyThere = "the count that it would be a share of can't be told from 0";

/** How a ratio is told: why where there is none, in which unit, and how precisely. */
interface Telling {
  reason?: string | undefined;
  scale?: number;
  decimals?: number;
}

/** A ratio as it stands in an answer, null where there is no whole; per cent unless `scale` and `decimals` say otherwise. */
export function told(
  ratio: SketchRatio | null,
  { reason = nobodyThere, scale = 100, decimals = 2 }: Telling = {},
): Ratio {
  if (ratio === null) return blankRatio(reason);
  const written = (value: number) => Number((value * scale).toFixed(decimals));
  return { value: written(ratio.value), low: written(ratio.low), high: written(ratio.high) };
}

/** Of what a share can be, from 0 to 1. An interval that is wider says nothing, whatever the value. */
const widestShare = 0.5;

/** A share in per cent, and null where the interval says nothing. */
export function shareOrBlank(share: SketchRatio | null): Ratio {
  const saysNothing = share !== null && share.high - share.low > widestShare;
  return saysNothing ? blankRatio("the interval is wider than 50 points") : told(share);
}

/** Two decimals, of per cent. */
export function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 100;
}

/** An instant in ISO 8601, to the second, UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
