import type { EngagementAnswer, LifecycleAnswer, RetentionAnswer, TimeseriesAnswer } from "../../sdk/wire.ts";
import { answerWith } from "../app/answer.ts";
import { checkEveryone, openQuestion, seriesIn } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { maxSplitPoints } from "../limits.ts";
import { engagementDefinition } from "../query/engagement.ts";
import { lifecycleDefinition } from "../query/lifecycle.ts";
import { choiceIn, numberIn } from "../query/members.ts";
import { type Interval, maxCohorts, retentionDefinition } from "../query/retention.ts";
import { askedTimeseries, timeseriesDefinition } from "../query/timeseries.ts";

/** `GET /v1/engagement`: rolling active users, their ratios, stickiness, and the growth of each. */
export async function getEngagement(route: AppRouteContext): Promise<Response> {
  const { app, now } = route;
  const scope = await openQuestion(route, ["by"]);
  const metrics = await app.rollup((rollup) => rollup.engagement(scope, now));
  return answerWith<EngagementAnswer>(route, { definition: engagementDefinition, metrics });
}

/** `GET /v1/timeseries`: a point a day. */
export async function getTimeseries(route: AppRouteContext): Promise<Response> {
  const { url, app, now } = route;
  const scope = await openQuestion(route, ["metric", "from", "to", "by"]);
  const asked = orRefuse(askedTimeseries(url.searchParams, scope, now, app.calendar), "invalid-query");
  if (asked.metric === "new") checkEveryone(scope);
  const points = await app.rollup((rollup) => rollup.timeseries(asked, now));
  if (!Array.isArray(points)) {
    const days = Math.floor(maxSplitPoints / points.values);
    throw new Refusal(
      "invalid-query",
      `by: it has ${points.values} values in these days: expected at most ${days} days, or one value as a filter`,
    );
  }
  return answerWith<TimeseriesAnswer>(route, { definition: timeseriesDefinition, points });
}

/** `GET /v1/retention`: cohorts, and how many of each came back. */
export async function getRetention(route: AppRouteContext): Promise<Response> {
  const { url, app, now } = route;
  checkEveryone(await openQuestion(route, ["interval", "cohorts", "periods"]));
  const interval = intervalIn(url);
  const asked = count(url, "cohorts", interval === "day" ? 14 : 8, interval);
  const periods = count(url, "periods", asked, interval);
  const cohorts = await app.rollup((rollup) => rollup.retention(interval, asked, periods, now));
  return answerWith<RetentionAnswer>(route, { definition: retentionDefinition, cohorts });
}

/** `GET /v1/lifecycle`: new, returning, resurrected and dormant people. */
export async function getLifecycle(route: AppRouteContext): Promise<Response> {
  const { url, app, now } = route;
  const series = seriesIn(await openQuestion(route, ["interval", "periods"]));
  const interval = intervalIn(url);
  const asked = count(url, "periods", interval === "day" ? 14 : 8, interval);
  const periods = await app.rollup((rollup) => rollup.lifecycle(interval, asked, now, series));
  return answerWith<LifecycleAnswer>(route, { definition: lifecycleDefinition, periods });
}

function intervalIn({ searchParams }: URL): Interval {
  return orRefuse(choiceIn<Interval>(searchParams, "interval", ["day", "week"]), "invalid-query");
}

function count({ searchParams }: URL, name: string, absent: number, interval: Interval): number {
  return orRefuse(numberIn(searchParams, name, absent, maxCohorts[interval]), "invalid-query");
}
