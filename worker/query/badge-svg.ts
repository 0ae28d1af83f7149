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

/** The least that is told of a count, and the least step from one figure to the next. */
const leastStep = 10;

/**
 * A count as everybody may see it: in steps of ten, and of three significant digits from 1,000 on, so that 1,234 is `1.23k`. Below
 * ten nothing is told. Where between two steps it goes up is a secret: or whoever adds made-up people until it is about to could
 * tell from the next figure whether one more person came.
 *
 * @param edge the part of a step from which the next one is told, for the step that begins at a figure; 0 to 1
 */
export function publicFigure(count: number, edge: (figure: number) => number): string {
  if (count < leastStep) return `under ${leastStep}`;
  const step = Math.max(leastStep, 10 ** (Math.floor(Math.log10(count)) - 2));
  const below = Math.floor(count / step) * step;
  const told = (count - below) / step > edge(below) ? below + step : below;
  if (told < 1000) return String(told);
  const [unit, letter] = told < 1e6 ? [1e3, "k"] : told < 1e9 ? [1e6, "M"] : [1e9, "G"];
  return `${(told / unit).toPrecision(3)}${letter}`;
}

/** A badge as SVG, of fixed height; null is a count that isn't known. See `publicFigure` for `edge`. */
export function badgeSvg(
  metric: BadgeMetric,
  count: number | null,
  edge: (figure: number) => number,
): string {
  const label = labels[metric];
  const value = count === null ? "–" : publicFigure(count, edge);
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
