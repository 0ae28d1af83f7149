import { type Counted, countedWithin, z95 } from "./estimate.ts";
import type { HyperLogLog } from "./hyperloglog.ts";
import { bitCount, groupCount, type Histogram, patternHistogram } from "./joint/activity-patterns.ts";
import { listed } from "./joint/listed.ts";
import type { Ratio } from "./ratio.ts";
import { relativeStandardError } from "./standard-error.ts";
import { checkOneKey, type TwoPhaseSet } from "./two-phase-set.ts";

/** The most days of one curve: a pattern of days is a number of 31 bits. */
const mostDays = 31;

/** The two-sided 95 % point of Student's t for 31 degrees of freedom over that of the normal distribution. */
const studentOverNormal = 2.0395 / 1.96;

const nobody: Histogram = { people: 0, bins: new Float64Array(mostDays + 1), withoutGroup: [], sampled: 0 };

/** So many people, and which share of all they are (0 to 1), with 95 % intervals. */
export interface Bar {
  people: Counted;
  share: Ratio;
}

/**
 * On how many of some days each person was active (the power user curve; L28 over 28 days), from the sketches of the days.
 *
 * Exact while all days are sparse. Else the registers are a sample of the patterns of some 16,384 people, see
 * {@link patternHistogram}: a share is off by 0.4 points at most sizes.
 *
 * People who were removed have a curve of their own, which is taken away: who was removed from all their days is gone, and
 * in the curve of whom they were linked to. Who was removed from one of ten days stands for ten days less one person of one
 * day, so that the bars always add up to the people in any of the days.
 */
export class PowerUserCurve {
  readonly #added: Histogram;
  readonly #removed: Histogram;

  /**
   * @param days up to 31 sets of one hash key
   * @throws RangeError when there are more, SketchMismatchError when they are of different keys.
   */
  constructor(days: readonly TwoPhaseSet[]) {
    if (days.length > mostDays)
      throw new RangeError(`a curve has at most ${mostDays} days, not ${days.length}`);
    checkOneKey(days);
    this.#added = histogramOf(days.map(({ added }) => added));
    this.#removed = histogramOf(days.map(({ removed }) => removed));
  }

  /** The people who were active on any of the days. */
  get people(): Counted {
    return countedWithin(this.#all, Math.hypot(...this.#parts.map(errorOfAll)));
  }

  /** Those who were active on `from` to `to` days, both included. */
  between(from: number, to: number): Bar {
    const [added, removed] = [sumOf(this.#added, from, to), sumOf(this.#removed, from, to)];
    const people = added - removed;
    const all = this.#all;
    const share = all > 0 ? Math.max(0, Math.min(1, people / all)) : 0;
    // A bin is how many there are in all times a share, and those are estimated apart. In the share of the whole, an error in all
    // counts by the difference alone.
    const errors = this.#parts.map((histogram) => {
      const its = histogram.people > 0 ? sumOf(histogram, from, to) / histogram.people : 0;
      const [ofShare, ofAll] = [errorOfShare(histogram, from, to), errorOfAll(histogram)];
      return { people: Math.hypot(ofShare, its * ofAll), share: Math.hypot(ofShare, (its - share) * ofAll) };
    });
    const deviation = all > 0 ? (z95 * Math.hypot(...errors.map((error) => error.share))) / all : 0;
    return {
      people: countedWithin(people, Math.hypot(...errors.map((error) => error.people))),
      share: { value: share, low: Math.max(0, share - deviation), high: Math.min(1, share + deviation) },
    };
  }

  get #parts(): Histogram[] {
    return [this.#added, this.#removed];
  }

  get #all(): number {
    return this.#added.people - this.#removed.people;
  }
}

function histogramOf(sketches: readonly HyperLogLog[]): Histogram {
  if (sketches.every((sketch) => sketch.isEmpty)) return nobody;
  if (!sketches.every((sketch) => sketch.isSparse)) {
    return patternHistogram(sketches.map((sketch) => sketch.registers()));
  }
  const patterns = listed(sketches);
  const bins = new Float64Array(mostDays + 1);
  for (const pattern of patterns.values()) bins[bitCount(pattern)] = bins[bitCount(pattern)]! + 1;
  return { people: patterns.size, bins, withoutGroup: [], sampled: 0 };
}

/** The people of so many days. */
function sumOf({ bins }: Pick<Histogram, "bins">, from: number, to: number): number {
  return bins.subarray(Math.max(1, from), to + 1).reduce((sum, people) => sum + people, 0);
}

/** The standard error of how many there are in all. */
function errorOfAll({ people, withoutGroup }: Histogram): number {
  return withoutGroup.length === 0 ? 0 : people * relativeStandardError(people);
}

/** The standard error of {@link sumOf} were it known how many there are in all. */
function errorOfShare({ withoutGroup, sampled }: Histogram, from: number, to: number): number {
  if (withoutGroup.length === 0) return 0;
  const without = withoutGroup.map((bins) => sumOf({ bins }, from, to));
  const mean = without.reduce((sum, people) => sum + people, 0) / groupCount;
  const squares = without.reduce((sum, people) => sum + (people - mean) ** 2, 0);
  return studentOverNormal * Math.sqrt(((groupCount - 1) / groupCount) * squares * sampled);
}
