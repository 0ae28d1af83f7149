import { dayMs, maxPoints, maxSplitPoints } from "../limits.ts";
import { Refusal } from "../http/problem.ts";
import { engagementDefinition } from "../query/engagement.ts";
import { lifecycleDefinition } from "../query/lifecycle.ts";
import { calendarPeriodIn, choiceIn, numberIn } from "../query/members.ts";
import { type Interval, maxCohorts, retentionDefinition } from "../query/retention.ts";
import { metrics, timeseriesDefinition } from "../query/timeseries.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "../http/answer-rows.ts";
import { checkEveryone, openQuestion, seriesIn } from "../app/question.ts";

const defaultPoints = 30;

/** `GET /v1/engagement`: rolling active users, their ratios, stickiness, and the growth of each. */
export async function getEngagement(route: AppRouteContext): Promise<Response> {
  const { scope, ask } = await openQuestion(route, ["by"]);
  const rows = await ask((rollup) => rollup.engagement(scope, route.now));
  return answerRows(route, engagementDefinition, "metrics", rows);
}

/** `GET /v1/timeseries`: a point a day. */
export async function getTimeseries(route: AppRouteContext): Promise<Response> {
  const { url, now } = route;
  const query = url.searchParams;
  const { context, scope, ask } = await openQuestion(route, ["metric", "from", "to", "by"]);
  const metric = choiceIn(query, "metric", metrics);
  if (metric === "new") checkEveryone(scope);
  const { calendar } = context;
  const dayOf = (name: string, absent: number) =>
    calendarPeriodIn(name, "day", query.get(name) ?? calendar.dateAt(absent), calendar).from;
  const to = dayOf("to", calendar.dayAt(now).end + dayMs / 2);
  const from = dayOf("from", Math.min(to, now) - (defaultPoints - 0.5) * dayMs);
  if (from >= to) throw new Refusal("invalid-query", "from: expected a day before to");
  if (to - from > maxPoints * dayMs) throw new Refusal("invalid-query", `expected at most ${maxPoints} days`);
  const question = {
    metric,
    from,
    to,
    series: scope.of === "series" ? scope.series : "",
    by: scope.of === "groups" ? scope.dimension : null,
  };
  const points = await ask((rollup) => rollup.timeseries(question, now));
  if (!Array.isArray(points)) {
    const days = Math.floor(maxSplitPoints / points.values);
    throw new Refusal(
      "invalid-query",
      `by: it has ${points.values} values in these days: expected at most ${days} days, or one value as a filter`,
    );
  }
  return answerRows(route, timeseriesDefinition, "points", points);
}

/** `GET /v1/retention`: cohorts, and how many of each came back. */
export async function getRetention(route: AppRouteContext): Promise<Response> {
  const { scope, ask } = await openQuestion(route, ["interval", "cohorts", "periods"]);
  checkEveryone(scope);
  const query = route.url.searchParams;
  const interval = choiceIn<Interval>(query, "interval", ["day", "week"]);
  const cohorts = numberIn(query, "cohorts", interval === "day" ? 14 : 8, maxCohorts[interval]);
  const periods = numberIn(query, "periods", cohorts, maxCohorts[interval]);
  const rows = await ask((rollup) => rollup.retention(interval, cohorts, periods, route.now));
  return answerRows(route, retentionDefinition, "cohorts", rows);
}

/** `GET /v1/lifecycle`: new, returning, resurrected and dormant people. */
export async function getLifecycle(route: AppRouteContext): Promise<Response> {
  const { scope, ask } = await openQuestion(route, ["interval", "periods"]);
  const series = seriesIn(scope);
  const query = route.url.searchParams;
  const interval = choiceIn<Interval>(query, "interval", ["day", "week"]);
  const periods = numberIn(query, "periods", interval === "day" ? 14 : 8, maxCohorts[interval]);
  const rows = await ask((rollup) => rollup.lifecycle(interval, periods, route.now, series));
  return answerRows(route, lifecycleDefinition, "periods", rows);
}
