import { openMetrics, openMetricsType } from "../query/openmetrics.ts";
import type { AppRouteContext } from "../routes.ts";
import { checkEveryone, openQuestion } from "../app/question.ts";

/** `GET /metrics`: the app's figures for Prometheus, with its read key as bearer token. */
export async function getMetrics(route: AppRouteContext): Promise<Response> {
  const { scope, ask } = await openQuestion(route, []);
  checkEveryone(scope);
  const snapshot = await ask((rollup) => rollup.metrics(route.now));
  return new Response(openMetrics(route.app, snapshot), {
    headers: { "content-type": openMetricsType, "cache-control": "private, no-cache" },
  });
}
