import { Router } from "itty-router";
import { admit } from "./app/admit.ts";
import { type Isolate, isolateOf } from "./app/isolate.ts";
import type { Role } from "./roles.ts";
import { limitRate } from "./app/limit-rate.ts";
import { recalled } from "./app/recalled.ts";
import type { AppRouteContext, RouteContext } from "./app/route-context.ts";
import type { Env } from "./env.ts";
import { getActive } from "./handlers/active.ts";
import { deleteAnnotation, getAnnotations, putAnnotation } from "./handlers/annotations.ts";
import { getApps } from "./handlers/apps.ts";
import { postActivity } from "./handlers/activity.ts";
import { postHeartbeat } from "./handlers/heartbeat.ts";
import { getBadge } from "./handlers/badge.ts";
import { getDashboard, getDashboardScript, getDashboardStyle } from "./handlers/dashboard.ts";
import { deleteExclusion, deleteLink, postExclusion, postLink } from "./handlers/links.ts";
import { getEmbed, getShare, postShare } from "./handlers/share.ts";
import { getSettings, putSettings } from "./handlers/settings.ts";
import { getMetrics } from "./handlers/metrics.ts";
import { getOpenApi } from "./handlers/openapi.ts";
import { getReference, getReferenceStyle } from "./handlers/reference.ts";
import { getSketch } from "./handlers/sketch.ts";
import { getStatus } from "./handlers/status.ts";
import { getLive } from "./handlers/live.ts";
import { getOnline } from "./handlers/online.ts";
import { getHealth } from "./handlers/health.ts";
import { getPackage, getSdkDevelopmentScript, getSdkModule, getSdkScript } from "./handlers/sdk.ts";
import {
  getEngagement,
  getGrowth,
  getLifecycle,
  getPower,
  getRetention,
  getTimeseries,
} from "./handlers/trends.ts";
import { deleteToken, postToken } from "./handlers/token.ts";
import { getExport, postImport } from "./handlers/transfer.ts";
import { asGet, checkAddress } from "./http/address-line.ts";
import { openHeaders } from "./http/open-headers.ts";
import { problemResponse, Refusal } from "./http/problem.ts";
import { requestFacts } from "./http/request-facts.ts";
import { logError } from "./log.ts";

type Route = { method: "GET" | "POST" | "PUT" | "DELETE"; path: string } & (
  | { handler: (context: RouteContext) => Response | Promise<Response> }
  | { roles: readonly Role[]; appHandler: (context: AppRouteContext) => Promise<Response> }
);

const heartbeatPath = "/v1/heartbeat";
const appsPath = "/v1/apps";

/** The map of the service. `roles` may use a route with their key as bearer; others look after themselves. */
export const routes: readonly Route[] = [
  { method: "POST", path: heartbeatPath, handler: postHeartbeat },
  { method: "POST", path: "/v1/token", handler: postToken },
  { method: "DELETE", path: "/v1/token", handler: deleteToken },
  { method: "GET", path: "/v1/live", handler: getLive },
  { method: "POST", path: "/v1/activity", roles: ["secret"], appHandler: postActivity },
  { method: "POST", path: "/v1/links", roles: ["secret"], appHandler: postLink },
  { method: "DELETE", path: "/v1/links", roles: ["secret"], appHandler: deleteLink },
  { method: "POST", path: "/v1/exclusions", roles: ["secret"], appHandler: postExclusion },
  { method: "DELETE", path: "/v1/exclusions", roles: ["secret"], appHandler: deleteExclusion },
  { method: "GET", path: "/v1/active", roles: ["read", "secret"], appHandler: recalled(getActive) },
  { method: "GET", path: "/v1/engagement", roles: ["read", "secret"], appHandler: recalled(getEngagement) },
  { method: "GET", path: "/v1/timeseries", roles: ["read", "secret"], appHandler: recalled(getTimeseries) },
  { method: "GET", path: "/v1/retention", roles: ["read", "secret"], appHandler: recalled(getRetention) },
  { method: "GET", path: "/v1/lifecycle", roles: ["read", "secret"], appHandler: recalled(getLifecycle) },
  { method: "GET", path: "/v1/power", roles: ["read", "secret"], appHandler: recalled(getPower) },
  { method: "GET", path: "/v1/growth", roles: ["read", "secret"], appHandler: recalled(getGrowth) },
  { method: "GET", path: "/v1/online", roles: ["read", "secret"], appHandler: recalled(getOnline) },
  { method: "GET", path: "/v1/sketch", roles: ["secret"], appHandler: getSketch },
  { method: "GET", path: "/v1/export", roles: ["secret"], appHandler: getExport },
  { method: "POST", path: "/v1/import", roles: ["secret"], appHandler: postImport },
  { method: "GET", path: "/v1/status", roles: ["read", "secret"], appHandler: getStatus },
  { method: "GET", path: "/metrics", roles: ["read", "secret"], appHandler: getMetrics },
  { method: "GET", path: "/v1/settings", roles: ["secret"], appHandler: getSettings },
  { method: "PUT", path: "/v1/settings", roles: ["secret"], appHandler: putSettings },
  { method: "POST", path: "/v1/share", roles: ["read", "secret"], appHandler: postShare },
  { method: "GET", path: "/v1/share", handler: getShare },
  { method: "GET", path: "/embed", handler: getEmbed },
  { method: "GET", path: "/v1/annotations", roles: ["read", "secret"], appHandler: getAnnotations },
  { method: "PUT", path: "/v1/annotations", roles: ["secret"], appHandler: putAnnotation },
  { method: "DELETE", path: "/v1/annotations", roles: ["secret"], appHandler: deleteAnnotation },
  { method: "GET", path: appsPath, handler: getApps },
  { method: "GET", path: "/", handler: getDashboard },
  { method: "GET", path: "/dashboard.js", handler: getDashboardScript },
  { method: "GET", path: "/dashboard.css", handler: getDashboardStyle },
  { method: "GET", path: "/badge.svg", handler: getBadge },
  { method: "GET", path: "/healthz", handler: getHealth },
  { method: "GET", path: "/sdk.js", handler: getSdkScript },
  { method: "GET", path: "/sdk.dev.js", handler: getSdkDevelopmentScript },
  { method: "GET", path: "/sdk.mjs", handler: getSdkModule },
  { method: "GET", path: "/headcount.tgz", handler: getPackage },
  { method: "GET", path: "/openapi.json", handler: getOpenApi },
  { method: "GET", path: "/docs", handler: getReference },
  { method: "GET", path: "/docs.css", handler: getReferenceStyle },
];

const router = Router<Request, [() => Isolate]>({
  catch: answerError,
  finally: [openToAllOrigins],
});

const register = { GET: router.get, POST: router.post, PUT: router.put, DELETE: router.delete };
for (const route of routes) {
  register[route.method](route.path, (request: Request, open: () => Isolate) =>
    handle(route, request, open()),
  );
}
for (const path of new Set(routes.map((route) => route.path))) {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  router.options(path, () => preflight(methods));
  router.all(path, () => {
    const allow = [...methods, "OPTIONS"].join(", ");
    throw new Refusal("method-not-allowed", `expected ${allow}`, { allow });
  });
}
router.all("*", () => {
  throw new Refusal("not-found", "unknown path: /docs lists every path");
});

/**
 * Answers a request. Never throws; an unexpected error gives a 500 that says nothing of its cause.
 *
 * @param open gives what the isolate keeps between requests
 */
export async function fetchRoute(
  request: Request,
  env: Env,
  open: () => Isolate = () => isolateOf(env),
): Promise<Response> {
  const isHead = request.method === "HEAD";
  const response = await answer(request, isHead, open);
  return isHead ? new Response(null, response) : response;
}

async function answer(request: Request, isHead: boolean, open: () => Isolate): Promise<Response> {
  try {
    checkAddress(request.url);
    if (request.method === "POST" && isHeartbeat(request.url))
      return await postHeartbeat(contextOf(request, open()));
    return await router.fetch(isHead ? asGet(request) : request, open);
  } catch (error) {
    return openToAllOrigins(answerError(error), request);
  }
}

/** The door through which nearly all come is looked up in no table. */
function isHeartbeat(url: string): boolean {
  return (
    url.endsWith(heartbeatPath) &&
    url.indexOf("/", url.indexOf("//") + 2) === url.length - heartbeatPath.length
  );
}

function contextOf(request: Request, isolate: Isolate): Omit<RouteContext, "url"> {
  const { ADDRESS_HEADER, COUNTRY_HEADER } = isolate.env;
  const facts = requestFacts(request, ADDRESS_HEADER, COUNTRY_HEADER);
  return { isolate, outboxes: isolate.outboxes, request, facts, now: Date.now() };
}

async function handle(route: Route, request: Request, isolate: Isolate): Promise<Response> {
  const context = { ...contextOf(request, isolate), url: new URL(request.url) };
  // A health check is answered however much there is to do. What strangers report takes its room once it has arrived.
  if ("handler" in route) return route.handler(context);
  const { app, role, keyRevision } = await admit(context, route.roles);
  if (role !== "secret") await limitRate(context, app.name.app, "queries");
  const kind = route.method === "GET" ? "questions" : "reports";
  // A server, or whoever runs a command once, may not come again.
  return isolate.inFlight.run(kind, false, () => route.appHandler({ ...context, app, role, keyRevision }));
}

function answerError(error: unknown): Response {
  if (error instanceof Refusal) return problemResponse(error);
  logError("unexpected-error", error);
  return problemResponse(
    new Refusal("internal-error", "the request failed: try again later, and report it if it happens again"),
  );
}

/** The service's secret is never in a page, so that none has business with what it opens. */
const isForServersAlone = new RegExp(`^[^/]*//[^/]*${appsPath}(?:[?#]|$)`);

function openToAllOrigins(response: Response, { url }: Request): Response {
  if (response.webSocket) return response;
  if (isForServersAlone.test(url)) {
    response.headers.set("x-content-type-options", "nosniff");
    return response;
  }
  for (const [name, value] of Object.entries(openHeaders)) response.headers.set(name, value);
  return response;
}

function preflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "86400",
    },
  });
}
