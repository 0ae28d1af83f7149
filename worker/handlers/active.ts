import { type AppContext, appContext } from "../app-context.ts";
import type { Env } from "../env.ts";
import { callObject } from "../objects/call.ts";
import { rollupName, shardName } from "../objects/names.ts";
import { Refusal } from "../problem.ts";
import { activeAnswer, askedScope, askedWindows } from "../query/active.ts";
import type { AppRouteContext } from "../routes.ts";

const members = ["window", "since", "from", "to", "period", "date", "fresh", "by"];

/** `GET /v1/active`: how many people were active, in one or several windows. */
export async function getActive({ url, env, now, app }: AppRouteContext): Promise<Response> {
  const query = url.searchParams;
  for (const name of query.keys()) {
    if (query.getAll(name).length > 1) throw new Refusal("invalid-query", `${name}: expected once`);
  }
  const fresh = query.get("fresh") ?? "0";
  if (fresh !== "0" && fresh !== "1") throw new Refusal("invalid-query", "fresh: expected 1 or 0");

  const context = await appContext(env, app, now);
  const asked = askedWindows(query, now, context.calendar);
  const scope = askedScope(query, members, context.config.settings.dimensions);
  if (fresh === "1") await pushShards(env, context);
  const counts = await callObject(env.ROLLUPS, rollupName(context.name), (stub) =>
    stub.count(asked, now, scope),
  );
  const rows = counts.map((count, index) => ({ window: asked[index]?.window ?? "", ...count }));
  return Response.json(activeAnswer(app, now, rows), { headers: { "cache-control": "private, no-cache" } });
}

/** Resolves once the roll-up has absorbed all that was acknowledged before. */
export async function pushShards(env: Env, { name, config }: AppContext): Promise<void> {
  const shards = Array.from({ length: config.shardsEver }, (_, index) => shardName(name, index));
  await Promise.all(shards.map((shard) => callObject(env.SHARDS, shard, (stub) => stub.push())));
}
