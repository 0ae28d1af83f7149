import type {
  EngagementAnswer,
  GrowthAnswer,
  LifecycleAnswer,
  PowerAnswer,
  RetentionAnswer,
  TimeseriesAnswer,
} from "../../sdk/wire.ts";
import { type PreparedAnswer, prepareAnswer } from "../app/answer.ts";
import { checkEveryone, openQuestion, seriesIn } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { maxBeatAgeMs } from "../limits.ts";
import { engagementDefinition } from "../query/engagement.ts";
import { lifecycleDefinition } from "../query/lifecycle.ts";
import { calendarPeriodIn, choiceIn, numberIn } from "../query/members.ts";
import { growthDefinition } from "../query/growth.ts";
import { askedPowerDays, powerDefinition } from "../query/power.ts";
import { type Interval, maxCohorts, retentionDefinition } from "../query/retention.ts";
import type { TooMuch } from "../query/split-cost.ts";
import { askedTimeseries, timeseriesDefinition } from "../query/timeseries.ts";

/** `GET /v1/engagement`: rolling active users, their ratios, stickiness, and the growth of each. */
export async function getEngagement(route: AppRouteContext): Promise<PreparedAnswer> {
  const { app, now } = route;
  const scope = await openQuestion(route, ["by"], 6);
  const metrics = await app.rollup((rollup) => rollup.engagement(scope, now));
  return prepareAnswer<EngagementAnswer>(route, { definition: engagementDefinition, metrics });
}

/** `GET /v1/timeseries`: a point a day. */
export async function getTimeseries(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  const scope = await openQuestion(route, ["metric", "from", "to", "by"], 3);
  const asked = orRefuse(askedTimeseries(url.searchParams, scope, now, app.calendar), "invalid-query");
  const points = await app.rollup((rollup) => rollup.timeseries(asked, now));
  if (!Array.isArray(points)) throw tooMuch(points, "days");
  return prepareAnswer<TimeseriesAnswer>(route, { definition: timeseriesDefinition, points });
}

/** `GET /v1/retention`: cohorts, and how many of each came back. */
export async function getRetention(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  const scope = await openQuestion(route, ["interval", "cohorts", "periods", "by"]);
  const interval = intervalIn(url);
  const asked = count(url, "cohorts", interval === "day" ? 14 : 8, interval);
  const periods = count(url, "periods", asked, interval);
  const cohorts = await app.rollup((rollup) => rollup.retention(interval, asked, periods, now, scope));
  if (!Array.isArray(cohorts)) throw tooMuch(cohorts, "figures (cohorts times periods)");
  return prepareAnswer<RetentionAnswer>(route, { definition: retentionDefinition, cohorts });
}

/** `GET /v1/lifecycle`: new, returning, resurrected and dormant people. */
export async function getLifecycle(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  const series = seriesIn(await openQuestion(route, ["interval", "periods"]));
  const interval = intervalIn(url);
  const asked = count(url, "periods", interval === "day" ? 14 : 8, interval);
  const periods = await app.rollup((rollup) => rollup.lifecycle(interval, asked, now, series));
  return prepareAnswer<LifecycleAnswer>(route, { definition: lifecycleDefinition, periods });
}

/** `GET /v1/power`: on how many of some days each person was active. */
export async function getPower(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  const series = seriesIn(await openQuestion(route, ["days", "to"]));
  const days = orRefuse(askedPowerDays(url.searchParams), "invalid-query");
  const { calendar } = app;
  const date = url.searchParams.get("to") ?? calendar.dateAt(now);
  const { from: to } = orRefuse(calendarPeriodIn("to", "day", date, calendar), "invalid-query");
  if (to > calendar.dayAt(now).end)
    throw new Refusal("invalid-query", "to: expected tomorrow or an earlier day");
  const rows = await app.rollup((rollup) => rollup.power(days, to, now, series));
  const isClosed = to < now - maxBeatAgeMs && rows.people.count !== null;
  return prepareAnswer<PowerAnswer>(route, { definition: powerDefinition, ...rows }, isClosed);
}

/** `GET /v1/growth`: who is new, stays, is back or at risk, and which share of each comes back. */
export async function getGrowth(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  checkEveryone(await openQuestion(route, ["interval", "periods"]));
  const interval = intervalIn(url);
  const asked = count(url, "periods", interval === "day" ? 14 : 8, interval);
  const periods = await app.rollup((rollup) => rollup.growth(interval, asked, now));
  return prepareAnswer<GrowthAnswer>(route, { definition: growthDefinition, periods });
}

function intervalIn({ searchParams }: URL): Interval {
  return orRefuse(choiceIn<Interval>(searchParams, "interval", ["day", "week"]), "invalid-query");
}

function count({ searchParams }: URL, name: string, absent: number, interval: Interval): number {
  return orRefuse(numberIn(searchParams, name, absent, maxCohorts[interval]), "invalid-query");
}

function tooMuch({ values, most }: TooMuch, of: string): Refusal {
  return new Refusal(
    "invalid-query",
    `by: the dimension has ${values} values in these days: ask for at most ${most} ${of}, or filter by one value`,
  );
}
