/** What a day is compared with: the same weekday of this many weeks before, and of at least so many. */
const comparedWeeks = { most: 6, least: 4 };

/** Days before a day that {@link usualRange} looks at. */
export const comparedDays = comparedWeeks.most * 7;

/**
 * Standard deviations by which noise may have a day off. It is estimated by how far days lie off lines that were fitted to them, which
 * is too little by half; and a line is off itself where it is drawn out by a week. So this is some four of the true ones.
 */
const noiseWidths = 8.5;
/** The part of the usual by which a day has to differ in any case. */
const leastShare = 0.25;
/** Of people who come independently of each other, standard deviations of chance. */
const chanceWidths = 4;
/** Days of fewer people than this tell nothing. */
const leastUsual = 10;
/** By which the median absolute deviation of normal noise is multiplied to give its standard deviation. */
const madToDeviation = 1.4826;

/** Counts of one weekday, by how many weeks ago. */
type Weekday = { weeksAgo: number; count: number }[];

/**
 * Between which figures a day is as usual, by those of the same weekday in the weeks before; null where these are too few, or of
 * too few people. What is expected is the line through them (Theil and Sen's, which one odd week doesn't bend), the median of the
 * last three, or that of all: after a step up or down, none of these alone is right. Around them is room for the noise of all
 * weekdays, for chance, and for a quarter of the usual.
 *
 * @param before counts of the days before, the day before first; null where one isn't known
 */
export function usualRange(before: readonly (number | null)[]): { low: number; high: number } | null {
  const [same = [], ...others] = [7, 1, 2, 3, 4, 5, 6].map((daysAgo) => weekdayOf(before, daysAgo));
  const typical = typicalOf(same);
  if (typical === null) return null;
  const noise = madToDeviation * median([same, ...others].flatMap(residualsOf));
  const counts = same.map(({ count }) => count);
  const expected = [Math.exp(lineThrough(same)(0)), median(counts.slice(0, 3)), typical];
  const [least, most] = [Math.min(...expected), Math.max(...expected)];
  const factor = Math.max(1 / (1 - leastShare), Math.exp(noiseWidths * noise));
  const chance = (usual: number) => chanceWidths * Math.sqrt(usual);
  return {
    low: Math.max(0, Math.min(least / factor, least - chance(least))),
    high: Math.max(most * factor, most + chance(most)),
  };
}

function weekdayOf(before: readonly (number | null)[], daysAgo: number): Weekday {
  return Array.from({ length: comparedWeeks.most }, (_, week) => before[daysAgo - 1 + 7 * week]).flatMap(
    (count, week) => (count == null ? [] : [{ weeksAgo: week + 1, count }]),
  );
}

function typicalOf(weekday: Weekday): number | null {
  if (weekday.length < comparedWeeks.least) return null;
  const typical = median(weekday.map(({ count }) => count));
  return typical < leastUsual ? null : typical;
}

/** By how much the counts of a weekday lie off their line, as logarithms of factors. */
function residualsOf(weekday: Weekday): number[] {
  if (typicalOf(weekday) === null) return [];
  const line = lineThrough(weekday);
  return weekday.map(({ weeksAgo, count }) => Math.abs(logOf(count) - line(weeksAgo)));
}

/** The logarithm of the count to expect so many weeks ago, of one that grows by the same part each week. */
function lineThrough(weekday: Weekday): (weeksAgo: number) => number {
  const slope = median(
    weekday.flatMap((a, index) =>
      weekday.slice(index + 1).map((b) => (logOf(b.count) - logOf(a.count)) / (b.weeksAgo - a.weeksAgo)),
    ),
  );
  const now = median(weekday.map(({ weeksAgo, count }) => logOf(count) - slope * weeksAgo));
  return (weeksAgo) => now + slope * weeksAgo;
}

/** Of a day without anybody too. */
function logOf(count: number): number {
  return Math.log(Math.max(count, 0.5));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}
