import { type AppContext, appContext } from "./apps.ts";
import type { Scope } from "../counting/rollup-state.ts";
import { everyone } from "../counting/series.ts";
import { callObject } from "./call-object.ts";
import { rollupName } from "./object-names.ts";
import type { Rollup } from "../objects/rollup.ts";
import { Refusal } from "../http/problem.ts";
import { askedScope } from "../query/asked-windows.ts";
import { checkOnce, choiceIn } from "../query/members.ts";
import type { AppRouteContext } from "../routes.ts";
import { pushShards } from "./all-shards.ts";

/** A question to an app's roll-up: its context, and whom it is about. */
export interface Question {
  context: AppContext;
  scope: Scope;
  /** Asks the roll-up. */
  ask: <Answer>(call: (rollup: DurableObjectStub<Rollup>) => Promise<Answer>) => Promise<Answer>;
}

/**
 * What all queries have in common: each member stands once, `fresh=1` asks the shards first, and what is no member
 * of this query is a dimension.
 */
export async function openQuestion(
  { url, env, now, app }: AppRouteContext,
  members: readonly string[],
): Promise<Question> {
  const query = url.searchParams;
  checkOnce(query);
  const context = await appContext(env, app, now);
  const scope = askedScope(query, [...members, "fresh"], context.config.settings.dimensions);
  if (choiceIn(query, "fresh", ["0", "1"]) === "1") await pushShards(env, context);
  return { context, scope, ask: (call) => callObject(env.ROLLUPS, rollupName(context.name), call) };
}

/** The series of a scope that is not split. Throws a `Refusal` where a split was asked for. */
export function seriesIn(scope: Scope): string {
  if (scope.of === "groups")
    throw new Refusal("invalid-query", "by: this is not split; filter by a dimension's value");
  return scope.of === "series" ? scope.series : everyone;
}

/** Refuses a dimension where figures are of everyone alone. */
export function checkEveryone(scope: Scope): void {
  if (scope.of !== "everyone") {
    throw new Refusal("invalid-query", "first appearances are followed for everyone, not by dimension");
  }
}
