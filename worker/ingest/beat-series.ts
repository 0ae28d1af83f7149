import type { Calendar } from "../counting/calendar.ts";
import { everyone, seriesOf } from "../counting/series.ts";
import { cohortDays, dayMs, maxDimensionValueLength } from "../limits.ts";
import type { ValidBeat } from "../schemas/beat-schema.ts";
import type { EdgeFacts } from "./edge-facts.ts";
import type { Result } from "../result.ts";

/** The series in which a beat is counted. */
export interface BeatSeries {
  /** In the slot, the hour and the day. */
  everyPeriod: readonly string[];
  /** In the day alone: by when the user first appeared. */
  dayOnly: readonly string[];
}

const onlyEveryone: BeatSeries = { everyPeriod: [everyone], dayOnly: [] };

/**
 * What a beat says, else what the edge knows, of the dimensions that the app declares; the rest is dropped.
 * Nobody can claim to be `verified`.
 */
export function beatSeries(
  beat: ValidBeat,
  declared: readonly string[],
  facts: EdgeFacts,
  calendar: Calendar,
): Result<BeatSeries> {
  if (declared.length === 0 && beat.since === undefined) return { ok: true, value: onlyEveryone };
  const everyPeriod = [everyone];
  for (const name of declared) {
    const said = name === "verified" ? undefined : ownValue(beat.dimensions, name);
    const value = said ?? ownValue(facts, name);
    if (value === undefined || value === "") continue;
    if (value.length > maxDimensionValueLength || !value.isWellFormed()) {
      return {
        ok: false,
        error: `dimensions: ${name}: expected at most ${maxDimensionValueLength} characters of well-formed Unicode`,
      };
    }
    everyPeriod.push(seriesOf(name, value));
  }
  return {
    ok: true,
    value: { everyPeriod, dayOnly: beat.since === undefined ? [] : cohorts(beat.since, beat.at, calendar) },
  };
}

/** A dimension may be called `constructor`, and every object has one of those. */
function ownValue(record: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/**
 * The day on which the user first appeared while that is recent, and its week in any case. A day after the beat
 * itself is taken for the beat's.
 */
export function cohorts(since: string, at: number, calendar: Calendar): string[] {
  const today = calendar.dateAt(at);
  const first = since < today ? since : today;
  const ageDays = Math.round((Date.parse(today) - Date.parse(first)) / dayMs);
  const week = seriesOf("week", calendar.weekOf(first));
  return ageDays < cohortDays ? [seriesOf("cohort", first), week] : [week];
}
