/** What a badge may show. */
export const badgeMetrics = ["online", "dau", "mau"] as const;
export type BadgeMetric = (typeof badgeMetrics)[number];

const labels: Record<BadgeMetric, string> = {
  online: "online",
  dau: "daily users",
  mau: "monthly users",
};

/** Length of each metric's window, which ends now, in milliseconds. */
export const badgeWindowMs: Record<BadgeMetric, number> = {
  online: 5 * 60_000,
  dau: 24 * 3_600_000,
  mau: 30 * 24 * 3_600_000,
};

/**
 * A count in three significant digits: 1,234 is `1.23k`. A public figure is never exact, so that nobody learns from it
 * whether one id more was counted.
 */
export function threeDigits(count: number): string {
  const rounded = Number(count.toPrecision(3));
  if (rounded < 1000) return String(rounded);
  const [unit, letter] = rounded < 1e6 ? [1e3, "k"] : rounded < 1e9 ? [1e6, "M"] : [1e9, "G"];
  return `${(rounded / unit).toPrecision(3)}${letter}`;
}

/** A badge as SVG, of fixed height; null is a count that isn't known. */
export function badgeSvg(metric: BadgeMetric, count: number | null): string {
  const label = labels[metric];
  const value = count === null ? "–" : threeDigits(count);
  const [labelWidth, valueWidth] = [widthOf(label), widthOf(value)];
  const width = labelWidth + valueWidth;
  const text = (words: string, left: number, box: number) =>
    `<text x="${left + padding}" y="14" textLength="${box - 2 * padding}" lengthAdjust="spacingAndGlyphs">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}: ${value}">`,
    `<title>${label}: ${value}</title>`,
    `<clipPath id="c"><rect width="${width}" height="20" rx="5"/></clipPath>`,
    `<g clip-path="url(#c)"><path fill="#33352f" d="M0 0h${labelWidth}v20H0z"/>`,
    `<path fill="#3f5bd8" d="M${labelWidth} 0h${valueWidth}v20H${labelWidth}z"/></g>`,
    `<g fill="#fff" font-family="system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" font-size="11">`,
    text(label, 0, labelWidth),
    `<g font-weight="600">${text(value, labelWidth, valueWidth)}</g>`,
    "</g></svg>\n",
  ].join("");
}

const padding = 7;

/** The room of a text: `textLength` makes it fit whatever the font is, so a rough width will do. */
function widthOf(text: string): number {
  let width = 2 * padding;
  for (const character of text)
    width += /[ilt.\s]/.test(character) ? 3.9 : /[mwM–]/.test(character) ? 9 : 6.5;
  return Math.round(width);
}
