import { authenticateService, bearerOf } from "../app/authenticate.ts";
import { callObject } from "../app/call-object.ts";
import { fewAtOnce } from "../app/few-at-once.ts";
import { limitRate } from "../app/limit-rate.ts";
import { readApp } from "../app/read-app.ts";
import type { RouteContext } from "../app/route-context.ts";
import { orRefuse } from "../http/problem.ts";
import { type AppsAnswer, appsDefinition, askedApps, cursorOf, inOrder } from "../query/app-list.ts";
import { iso } from "../query/figures.ts";

/** `GET /v1/apps`: the apps that have activity, with their figures, for whoever holds the service's secret. */
export async function getApps(route: RouteContext): Promise<Response> {
  const { request, url, isolate, now } = route;
  // Before it is looked at: nobody guesses fast.
  await limitRate(route, "", "queries");
  await authenticateService(isolate.apps, bearerOf(request));
  const { limit, after } = orRefuse(askedApps(url.searchParams), "invalid-query");
  return isolate.inFlight.run("questions", false, async () => {
    const name = await (await isolate.apps.ring()).nameFor("directory");
    // One more than asked for tells whether there are more.
    const places = await callObject(isolate.env.DIRECTORY, name, (directory) =>
      directory.page(limit + 1, after),
    );
    const page = places.slice(0, limit);
    const last = places.length > limit ? page.at(-1) : undefined;
    const rows = await fewAtOnce(page, ({ app }) => readApp(isolate, app, now));
    const answer: AppsAnswer = {
      at: iso(now),
      definition: appsDefinition,
      apps: inOrder(rows),
      next: last === undefined ? null : cursorOf(last),
    };
    return Response.json(answer, { headers: { "cache-control": "no-store" } });
  });
}
