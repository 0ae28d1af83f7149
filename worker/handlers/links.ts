import type { AppContext } from "../app/apps.ts";
import { appContext } from "../app/apps.ts";
import type { ActiveDays } from "../counting/move-activity.ts";
import type { AliasChange } from "../counting/rollup-state.ts";
import type { Env } from "../env.ts";
import { decodeExclusion, decodeLink } from "../schemas/link-schema.ts";
import { maxLinkBytes } from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { rollupName, shardName } from "../app/object-names.ts";
import { Refusal } from "../http/problem.ts";
import { checkMediaType, readJson } from "../http/body.ts";
import type { AppRouteContext } from "../routes.ts";

/** `POST /v1/links`: two users are one person. */
export async function postLink({ request, env, now, app }: AppRouteContext): Promise<Response> {
  checkMediaType(request, ["application/json", "text/plain"]);
  const link = decodeLink(await readJson(request, maxLinkBytes));
  if (!link.ok) throw new Refusal("malformed-body", link.error);
  const context = await appContext(env, app, now);
  const { from, to, days } = link.value;
  const [user, other] = [context.hasher.hash("user", from), context.hasher.hash("user", to)];
  await changeAlias(env, context, { do: "link", user, to: other, onlyIfFree: false }, activeDays(days));
  return Response.json({ linked: true });
}

/** `POST /v1/exclusions`: a user is not counted any more, and taken out of the past. */
export async function postExclusion(route: AppRouteContext): Promise<Response> {
  await changeExclusion(route, "exclude");
  return Response.json({ excluded: true });
}

/** `DELETE /v1/exclusions`: from now on the user is counted again. The past stays as it is. */
export async function deleteExclusion(route: AppRouteContext): Promise<Response> {
  await changeExclusion(route, "include");
  return Response.json({ excluded: false });
}

async function changeExclusion(
  { request, env, now, app }: AppRouteContext,
  change: "exclude" | "include",
): Promise<void> {
  checkMediaType(request, ["application/json", "text/plain"]);
  const exclusion = decodeExclusion(await readJson(request, maxLinkBytes));
  if (!exclusion.ok) throw new Refusal("malformed-body", exclusion.error);
  const context = await appContext(env, app, now);
  const user = context.hasher.hash("user", exclusion.value.user);
  await changeAlias(env, context, { do: change, user }, activeDays(exclusion.value.days));
}

function activeDays(sure: string[] | null): ActiveDays | null {
  return sure && { sure, perhaps: [] };
}

/**
 * Carries out a change of who counts as whom. The order is what makes it whole: first the shards that see the
 * user count by the new rule, then what they saw before reaches the roll-up, and only then is the past moved. Whoever
 * is told that it failed sends it again; each step may happen twice.
 */
export async function changeAlias(
  env: Env,
  context: AppContext,
  change: AliasChange,
  days: ActiveDays | null,
): Promise<void> {
  const { name } = context;
  const rollup = rollupName(name);
  const shards = await callObject(env.ROLLUPS, rollup, (stub) => stub.changeAlias(change));
  await Promise.all(
    shards.map(async (shard) => {
      await callObject(env.SHARDS, shardName(name, shard), (stub) => stub.learnAliases());
      await callObject(env.SHARDS, shardName(name, shard), (stub) => stub.push());
    }),
  );
  context.acknowledged.forget();
  await callObject(env.ROLLUPS, rollup, (stub) =>
    change.do === "include" ? stub.noteInclusion() : stub.moveHistory(change.user.entry, days),
  );
}
