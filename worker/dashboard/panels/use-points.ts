import { useContext } from "preact/hooks";
import type { TimeseriesAnswer } from "../../../sdk/answers.ts";
import { dateDaysAgo } from "../format.ts";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";

const refreshMs = 120_000;

/** One value of a dimension. */
interface Part {
  dimension: string;
  value: string;
}

/**
 * A point a day of a metric, over the days of the view or as many as are said, of those to whom the page is narrowed or of
 * another part. Null as `metric` asks nothing, as does a page that doesn't know the app's zone yet.
 */
export function usePoints(
  metric: string | null,
  options: { days?: number; only?: Part } = {},
): Query<TimeseriesAnswer> {
  const { facts, view } = useContext(SessionContext);
  return useQuery<TimeseriesAnswer>(
    facts === null || metric === null ? null : pathOf(metric, facts.timeZone, { ...view, ...options }),
    refreshMs,
  );
}

function pathOf(
  metric: string,
  timeZone: string,
  { range, days = range, only }: { range: number; days?: number; only: Part | null },
): string {
  const query = new URLSearchParams({ metric, from: dateDaysAgo(days - 1, timeZone) });
  if (only !== null) query.set(only.dimension, only.value);
  return `/v1/timeseries?${query}`;
}
