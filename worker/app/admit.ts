import { panelsOf } from "../dashboard/shared-view.ts";
import { mayAsk } from "../dashboard/view-questions.ts";
import { Refusal } from "../http/problem.ts";
import type { Role } from "../roles.ts";
import { authenticateKey, authenticateView, bearerOf, isViewToken } from "./authenticate.ts";
import type { AppRouteContext, RouteContext } from "./route-context.ts";

/**
 * Who asks, by the bearer: a key of one of the roles that the route takes, or the token of a shared view that shows this very
 * figure. Throws a `Refusal` for others.
 */
export async function admit(
  { isolate, request, url, now }: RouteContext,
  roles: readonly Role[],
): Promise<Pick<AppRouteContext, "app" | "role" | "keyRevision">> {
  const bearer = bearerOf(request);
  if (isViewToken(bearer)) {
    const { app, shared, keyRevision } = await authenticateView(isolate.apps, bearer, now);
    const dateAt = (at: number) => app.calendar.dateAt(at);
    if (request.method !== "GET" || !mayAsk(shared, url, dateAt, now)) {
      throw new Refusal("wrong-role", `this link may query only ${panelsOf(shared)} of its view`);
    }
    return { app, role: "share", keyRevision };
  }
  const caller = await authenticateKey(isolate.apps, bearer, now);
  if (!roles.includes(caller.role)) {
    throw new Refusal("wrong-role", `expected a key of the role ${roles.join(" or ")}`);
  }
  return caller;
}
