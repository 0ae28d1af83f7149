import { useContext } from "preact/hooks";
import type { TimeseriesAnswer } from "../answers.ts";
import { dateDaysAgo } from "../format.ts";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";

const refreshMs = 60_000;

/**
 * A point a day of a metric, over the days of the view or as many as are said. Null as `metric` asks nothing, as does a
 * page that doesn't know the app's zone yet.
 */
export function usePoints(
  metric: string | null,
  options: { days?: number; by?: string; everyone?: boolean } = {},
): Query<TimeseriesAnswer> {
  const { facts, view } = useContext(SessionContext);
  return useQuery<TimeseriesAnswer>(
    facts === null || metric === null ? null : pathOf(metric, facts.timeZone, view, options),
    refreshMs,
  );
}

function pathOf(
  metric: string,
  timeZone: string,
  view: { range: number; only: { dimension: string; value: string } | null },
  { days = view.range, by, everyone = false }: { days?: number; by?: string; everyone?: boolean },
): string {
  const query = new URLSearchParams({ metric, from: dateDaysAgo(days - 1, timeZone) });
  if (by !== undefined) query.set("by", by);
  else if (!everyone && view.only !== null) query.set(view.only.dimension, view.only.value);
  return `/v1/timeseries?${query}`;
}
