import { authenticate } from "../app/apps.ts";
import { maxRememberedApps } from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { rollupName } from "../app/object-names.ts";
import { Refusal } from "../http/problem.ts";
import { type BadgeMetric, badgeMetrics, badgeSvg, badgeWindowMs } from "../query/badge-svg.ts";
import { checkOnce, choiceIn } from "../query/members.ts";
import { limitRate } from "../app/limit-rate.ts";
import type { RouteContext } from "../routes.ts";

/** How long a badge may be shown before the count is asked for again, in seconds. */
const freshSeconds: Record<BadgeMetric, number> = { online: 60, dau: 300, mau: 900 };

/** Badges of late. They are asked for by anybody, as often as they like, which must not become a Durable Object's load. */
const painted = new Map<string, { svg: string; at: number }>();

/**
 * `GET /badge.svg`: a live count to put on a page or into a README. The key stands in the address, which whoever
 * sees the badge can read: a share token shows badges and no more.
 */
export async function getBadge(route: RouteContext): Promise<Response> {
  const { url, env, now } = route;
  const query = url.searchParams;
  checkOnce(query);
  const { app, role, context } = await authenticate(env, query.get("key"), now);
  if (role !== "share" && role !== "read") {
    throw new Refusal(
      "wrong-role",
      "key: expected a share token or a read key: others don't belong in an address",
    );
  }
  await limitRate(route, app, "queries");
  const metric = choiceIn(query, "metric", badgeMetrics);
  const id = `${app} ${context.name.keyId} ${metric}`;
  const maxAge = freshSeconds[metric];
  let badge = painted.get(id);
  if (badge === undefined || now - badge.at >= maxAge * 1000) {
    const { count } = await callObject(env.ROLLUPS, rollupName(context.name), (stub) =>
      stub.count([{ from: now - badgeWindowMs[metric], to: now }], now, { of: "everyone" }),
    ).then(([first]) => first ?? { count: null });
    badge = { svg: badgeSvg(metric, count), at: now };
    painted.delete(id);
    painted.set(id, badge);
    if (painted.size > maxRememberedApps) painted.delete(painted.keys().next().value ?? "");
  }
  return new Response(badge.svg, {
    headers: {
      "content-type": "image/svg+xml; charset=utf-8",
      "cache-control": `public, max-age=${maxAge}`,
      "content-security-policy": "default-src 'none'",
      "cross-origin-resource-policy": "cross-origin",
    },
  });
}
