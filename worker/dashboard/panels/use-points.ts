import { useContext } from "preact/hooks";
import type { TimeseriesAnswer } from "../../../sdk/answers.ts";
import { dateDaysAgo } from "../format.ts";
import { type Part, pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";

const refreshMs = 120_000;

/**
 * A point a day of a metric, over the days of the view or as many as are said, of those to whom the page is narrowed or of
 * another part. Null as `metric` asks nothing, as does a page that doesn't know the app's zone yet.
 */
export function usePoints(
  metric: string | null,
  options: { days?: number; only?: Part } = {},
): Query<TimeseriesAnswer> {
  const { facts, appZone, view } = useContext(SessionContext);
  const { days = view.range, only = view.only } = options;
  const from = dateDaysAgo(days - 1, appZone);
  return useQuery<TimeseriesAnswer>(
    facts === null || metric === null ? null : pathOf("/v1/timeseries", { metric, from }, only),
    refreshMs,
  );
}
