import { answerWith } from "../app/answer.ts";
import { authenticateView, bearerOf, isViewToken } from "../app/authenticate.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { AppRouteContext, RouteContext } from "../app/route-context.ts";
import { writeSharedView } from "../dashboard/shared-view.ts";
import type { ShareAnswer } from "../dashboard/status.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { Refusal, statusOf } from "../http/problem.ts";
import { maxShareBytes } from "../limits.ts";
import { iso } from "../query/figures.ts";
import { decodeShare } from "../schemas/share-schema.ts";
import { dashboardPage } from "./dashboard.ts";

/** `POST /v1/share`: a link to one view. Nothing of it is stored: it is good until `keyRevisions.share` is raised. */
export async function postShare({ request, app }: AppRouteContext): Promise<Response> {
  const { dimensions, keyRevisions } = app.settings;
  const shared = await readBody(request, {
    types: jsonOrText,
    maxBytes: maxShareBytes,
    decode: (input) => decodeShare(input, dimensions),
  });
  const grant = { app: app.name.app, revision: keyRevisions.share, view: writeSharedView(shared) };
  const token = await app.ring.viewTokenFor(grant);
  return Response.json({ token, path: `/embed?view=${token}` }, { headers: { "cache-control": "no-store" } });
}

/** `GET /v1/share`: what a view's page must know before it can ask. */
export async function getShare(route: RouteContext): Promise<Response> {
  const { isolate, request, now } = route;
  const bearer = bearerOf(request);
  if (!isViewToken(bearer)) {
    throw new Refusal(
      "credentials-missing",
      "expected the token of a shared view as bearer: get one with POST /v1/share",
      {
        "www-authenticate": "Bearer",
      },
    );
  }
  const { app, shared } = await authenticateView(isolate.apps, bearer, now);
  await limitRate(route, app.name.app, "queries");
  return isolate.inFlight.run("questions", false, async () => {
    const { firstDay } = await app.rollup((rollup) => rollup.status());
    const { by } = shared.view;
    return answerWith<ShareAnswer>(
      { request, app, now },
      {
        definition: "share/1",
        view: writeSharedView(shared),
        timeZone: app.settings.timeZone,
        firstDay: firstDay === null ? null : iso(firstDay),
        dimensions: by === null ? [] : [by],
      },
    );
  });
}

/** `GET /embed`: the page of a shared view. Where the link is good no more, nobody may frame the page that says so. */
export async function getEmbed(route: RouteContext): Promise<Response> {
  const { isolate, url, now } = route;
  try {
    const { app } = await authenticateView(isolate.apps, url.searchParams.get("view"), now);
    await limitRate(route, app.name.app, "queries");
    return dashboardPage(app.settings.embedOrigins);
  } catch (error) {
    if (error instanceof Refusal && statusOf(error) === 401) return dashboardPage([]);
    throw error;
  }
}
