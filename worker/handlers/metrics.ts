import { checkEveryone, openQuestion } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { openMetrics, openMetricsType } from "../query/openmetrics.ts";

/** `GET /metrics`: the app's figures for Prometheus, with its read key as bearer token. */
export async function getMetrics(route: AppRouteContext): Promise<Response> {
  const { app, now } = route;
  checkEveryone(await openQuestion(route, []));
  const snapshot = await app.rollup((rollup) => rollup.metrics(now));
  return new Response(openMetrics(app.name.app, snapshot), {
    headers: { "content-type": openMetricsType, "cache-control": "private, no-cache" },
  });
}
