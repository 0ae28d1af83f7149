const powers = Array.from({ length: 14 }, (_, index) => 10 ** (index - 2));

/** Steps between two ticks of the y axis: there is no half a person. */
export const peopleSteps = stepsFrom(1);
export const percentSteps = stepsFrom(0.01);

/** A chart with fewer people than this starts at zero: closer up there would be no whole steps to show. */
const leastZoomed = 20;

/** Bars stand on zero: their length is what is read. */
export function barRange(low: number, high: number): [number, number] {
  return [low < 0 ? low * 1.08 : 0, high > 0 ? high * 1.08 : 1];
}

/** Lines that move little in comparison with their height come nearer, so that they and their bands can be read. */
export function lineRange(low: number, high: number, isPercent: boolean): [number, number] {
  const isFlat = low > 0.6 * high && (isPercent || high > leastZoomed);
  return [isFlat ? Math.max(0, low - Math.max(high - low, high * 0.15)) : 0, high > 0 ? high * 1.04 : 1];
}

/** A tick of the y axis, such as `1.25K`, with as many digits as tell it from its neighbours a `step` away. */
export function tickLabel(value: number, step: number, isPercent: boolean): string {
  // What hangs below zero is a number of people too.
  const size = Math.abs(value);
  const unit = isPercent ? 1 : 1000 ** Math.max(0, Math.floor(Math.log10(size || 1) / 3 + 1e-9));
  const digits = Math.max(0, Math.ceil(Math.log10(unit / step) - 1e-9));
  const text = new Intl.NumberFormat("en", {
    notation: isPercent ? "standard" : "compact",
    maximumFractionDigits: Math.min(digits, 6),
  }).format(size);
  return isPercent ? `${text} %` : text;
}

function stepsFrom(least: number): number[] {
  return powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((step) => step >= least);
}
