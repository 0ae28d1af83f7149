import { authenticateKey } from "../app/authenticate.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../app/route-context.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { dayMs } from "../limits.ts";
import { type BadgeMetric, badgeMetrics, badgeSvg, badgeWindowMs } from "../query/badge-svg.ts";
import { checkOnce, choiceIn } from "../query/members.ts";

/** How long a badge may be shown before the count is asked for again, in seconds. */
const freshSeconds: Record<BadgeMetric, number> = { online: 60, dau: 300, mau: 900 };

/**
 * `GET /badge.svg`: a live count to put on a page or into a README. The key stands in the address, which whoever
 * sees the badge can read: a share token shows badges and no more.
 */
export async function getBadge(route: RouteContext): Promise<Response> {
  const { url, isolate, now } = route;
  const query = url.searchParams;
  const { app, role } = await authenticateKey(isolate.apps, query.get("key"), now);
  if (role !== "share" && role !== "read") {
    throw new Refusal(
      "wrong-role",
      "key: expected a share token or a read key: never put another key into a URL",
    );
  }
  await limitRate(route, app.name.app, "queries");
  orRefuse(checkOnce(query), "invalid-query");
  const metric = orRefuse(choiceIn(query, "metric", badgeMetrics), "invalid-query");
  const maxAge = freshSeconds[metric];
  const name = `${app.name.app} ${app.name.keyId} ${metric}`;
  let svg = isolate.badges.get(name, maxAge * 1000, now);
  if (svg === undefined) {
    const span = { from: now - badgeWindowMs[metric], to: now, edges: "between" as const };
    const [figure] = await app.rollup((rollup) => rollup.count([span], now, { of: "everyone" }));
    // Another one each day, so that an edge that was found is of no use for long, and none can be averaged away.
    const day = Math.floor(now / dayMs);
    const edge = (step: number) => app.hasher.hidden(`badge/${metric}/${day}/${step}`);
    svg = badgeSvg(metric, figure?.count ?? null, edge);
    isolate.badges.put(name, svg, now);
  }
  return new Response(svg, {
    headers: {
      "content-type": "image/svg+xml; charset=utf-8",
      "cache-control": `public, max-age=${maxAge}`,
      "content-security-policy": "default-src 'none'",
      "cross-origin-resource-policy": "cross-origin",
    },
  });
}
