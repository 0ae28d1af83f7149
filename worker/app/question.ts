import { everyone } from "../counting/series.ts";
import type { Scope } from "../counting/rollup-state.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { checkOnce, choiceIn } from "../query/members.ts";
import { scopeIn } from "../query/scope.ts";
import { freshCost, splitCost } from "../limits.ts";
import { limitRate } from "./limit-rate.ts";
import { pushShards } from "./all-shards.ts";
import type { AppRouteContext } from "./route-context.ts";

/**
 * What all queries have in common: each member stands once, `fresh=1` asks the shards first, and what is no member
 * of this query is a dimension. What is dear is charged for. Returns whom it asks for.
 *
 * @param windows how many are counted of each value where it is split
 */
export async function openQuestion(
  route: AppRouteContext,
  members: readonly string[],
  windows = 1,
): Promise<Scope> {
  const { url, app, role } = route;
  const query = url.searchParams;
  orRefuse(checkOnce(query), "invalid-query");
  const scope = orRefuse(scopeIn(query, [...members, "fresh"], app.settings.dimensions), "invalid-query");
  const isFresh = orRefuse(choiceIn(query, "fresh", ["0", "1"]), "invalid-query") === "1";
  const cost =
    (scope.of === "groups" ? splitCost * windows : 0) + (isFresh ? freshCost * app.config.shardsEver : 0);
  if (cost > 0 && role !== "secret") await limitRate(route, app.name.app, "queries", Math.ceil(cost));
  if (isFresh) await pushShards(app);
  return scope;
}

/** The series of a scope that is not split. Throws a `Refusal` where a split was asked for. */
export function seriesIn(scope: Scope): string {
  if (scope.of === "groups")
    throw new Refusal(
      "invalid-query",
      "by: this query can't be split: filter by a dimension's value instead",
    );
  return scope.of === "series" ? scope.series : everyone;
}

/** Refuses a dimension where figures are of everyone alone. */
export function checkEveryone(scope: Scope): void {
  if (scope.of !== "everyone") {
    throw new Refusal("invalid-query", "this query covers everyone: leave out by and filters");
  }
}
