import type { Calendar } from "../counting/calendar.ts";
import { everyone, otherSeriesOf, seriesOf } from "../counting/series.ts";
import { maxDimensionValueLength } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import type { EdgeFacts } from "./edge-facts.ts";
import { cohorts } from "./first-seen.ts";

/** The series in which a beat is counted. */
export interface BeatSeries {
  /** In the slot, the hour and the day. */
  everyPeriod: readonly string[];
  /** In the day alone: by when the user first appeared. */
  dayOnly: readonly string[];
}

/** What of a beat decides in which series it is counted. */
interface Described {
  at: number;
  /** A day of the app's zone. */
  since?: string | undefined;
  dimensions?: Readonly<Record<string, unknown>> | undefined;
}

/** By what a beat's series are found. */
export interface SeriesRules {
  /** The dimensions that the app declares. */
  dimensions: readonly string[];
  /** The only values that are kept of some of them; others are counted together. */
  allowedValues?: Readonly<Record<string, readonly string[]>>;
  /** What the edge knows. */
  facts: EdgeFacts;
  calendar: Calendar;
  /** Whether the value goes and the beat stays, or the beat is refused for it. */
  isLenient: boolean;
  /** Is told the names of dimensions that were left out. */
  ignore: (name: string) => void;
}

const onlyEveryone: BeatSeries = { everyPeriod: [everyone], dayOnly: [] };

/**
 * What a beat says, else what the edge knows, of the dimensions that the app declares; the rest is left out. Nobody can claim to
 * be `verified`.
 */
export function beatSeries(
  { at, since, dimensions = {} }: Described,
  { dimensions: declared, allowedValues = {}, facts, calendar, isLenient, ignore }: SeriesRules,
): Result<BeatSeries> {
  for (const name of Object.keys(dimensions)) {
    if (name === "verified" || !declared.includes(name)) ignore(name);
  }
  if (declared.length === 0 && since === undefined) return ok(onlyEveryone);
  const everyPeriod = [everyone];
  for (const name of declared) {
    const said = name === "verified" ? undefined : ownValue(dimensions, name);
    let value = said ?? ownValue(facts, name);
    if (said !== undefined && !isCategory(said)) {
      if (!isLenient) {
        return refused(
          `dimensions: ${name}: expected a string of at most ${maxDimensionValueLength} characters of well-formed Unicode`,
        );
      }
      ignore(name);
      value = ownValue(facts, name);
    }
    if (!isCategory(value) || value === "") continue;
    const allowed = ownValue(allowedValues, name) as readonly string[] | undefined;
    const series = seriesOf(name, value);
    everyPeriod.push(allowed?.includes(value) === false ? otherSeriesOf(series) : series);
  }
  return ok({ everyPeriod, dayOnly: since === undefined ? [] : cohorts(since, at, calendar) });
}

function isCategory(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxDimensionValueLength && value.isWellFormed();
}

/** A dimension may be called `constructor`, and every object has one of those. */
function ownValue(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
