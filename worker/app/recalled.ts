import { waitUntil } from "cloudflare:workers";
import { type PreparedAnswer, respondWith } from "./answer.ts";
import type { AppRouteContext } from "./route-context.ts";

/** Has what was answered of late answered again from memory (`RecentAnswers`), unless `fresh` is asked for. */
export function recalled(
  answer: (route: AppRouteContext) => Promise<PreparedAnswer>,
): (route: AppRouteContext) => Promise<Response> {
  return async (route) => {
    const { isolate, request, url, app, now } = route;
    const work = () => answer(route);
    if (!url.searchParams.has("fresh")) {
      const question = url.pathname + url.search;
      return respondWith(request, await isolate.recentAnswers.ask(app, question, now, work, waitUntil));
    }
    const fresh = await work();
    // Nobody is told later what was so before.
    isolate.recentAnswers.forget(app.name.app);
    return respondWith(request, fresh);
  };
}
