import { appContext, rememberConfig } from "../app-context.ts";
import type { Env } from "../env.ts";
import { decodeSettings } from "../ingest/settings.ts";
import { maxSettingsBytes } from "../limits.ts";
import { callObject } from "../objects/call.ts";
import { type ObjectName, rollupName, shardName } from "../objects/names.ts";
import { Refusal } from "../problem.ts";
import { checkMediaType, readJson } from "../read-body.ts";
import type { AppRouteContext } from "../routes.ts";
import { pushShards } from "./query.ts";

/** `GET /v1/settings`. */
export async function getSettings({ env, now, app }: AppRouteContext): Promise<Response> {
  const { name } = await appContext(env, app, now);
  const { settings } = await callObject(env.ROLLUPS, rollupName(name), (stub) => stub.config());
  return Response.json(settings);
}

/** `PUT /v1/settings`: changes any of them; members that are absent keep their value. Answers with all. */
export async function putSettings({ request, env, now, app }: AppRouteContext): Promise<Response> {
  checkMediaType(request, ["application/json", "text/plain"]);
  const change = decodeSettings(await readJson(request, maxSettingsBytes));
  if (!change.ok) throw new Refusal("invalid-settings", change.error);
  const context = await appContext(env, app, now);
  const { keyRevision } = context.config.settings;
  if (change.value.keyRevision !== undefined && change.value.keyRevision < keyRevision) {
    throw new Refusal(
      "invalid-settings",
      `keyRevision: expected ${keyRevision} or more: a retired key stays retired`,
    );
  }
  // How days were cut so far depends on where activity lies, so the roll-up should know of all of it.
  if (change.value.timeZone !== undefined) await pushShards(env, context);
  const config = await callObject(env.ROLLUPS, rollupName(context.name), (stub) =>
    stub.changeSettings(change.value),
  );
  if (change.value.shards !== undefined) await teachShards(env, context.name, config.settings.shards);
  rememberConfig(context, config, now);
  return Response.json(config.settings);
}

/** Other shards see a user now: each learns who of its users counts as somebody else. */
async function teachShards(env: Env, name: ObjectName, shards: number): Promise<void> {
  const all = Array.from({ length: shards }, (_, index) => shardName(name, index));
  await Promise.all(all.map((shard) => callObject(env.SHARDS, shard, (stub) => stub.learnAliases())));
}
