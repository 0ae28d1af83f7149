import { useContext } from "preact/hooks";
import type { TimeseriesAnswer } from "../../../sdk/answers.ts";
import { datesOf, type Dates, todayIn } from "../period.ts";
import { type Part, pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { type Query, useQuery } from "../use-query.ts";
import { pointMembers } from "../view-questions.ts";

const refreshMs = 120_000;

/**
 * A point a day of a metric, over the days of the view or others, of those to whom the page is narrowed or of another part. Null as `metric` asks nothing, as does a page that doesn't know the app's zone yet.
 */
export function usePoints(
  metric: string | null,
  options: { dates?: Dates; only?: Part } = {},
): Query<TimeseriesAnswer> {
  const { facts, appZone, view } = useContext(SessionContext);
  const today = todayIn(appZone);
  const { dates = datesOf(view.range, today), only = view.only } = options;
  const members = pointMembers(metric ?? "", dates, today);
  return useQuery<TimeseriesAnswer>(
    facts === null || metric === null ? null : pathOf("/v1/timeseries", members, only),
    refreshMs,
  );
}
