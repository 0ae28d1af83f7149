import { appContext, rememberConfig, sealSecret } from "../app/apps.ts";
import { complaintAbout, type Settings } from "../counting/settings.ts";
import { hiddenSecret } from "../schemas/jwt-schema.ts";
import { decodeSettings } from "../schemas/settings-schema.ts";
import { maxSettingsBytes } from "../limits.ts";
import { callObject } from "../app/call-object.ts";
import { rollupName } from "../app/object-names.ts";
import { Refusal } from "../http/problem.ts";
import { checkMediaType, readJson } from "../http/body.ts";
import type { AppRouteContext } from "../routes.ts";
import { pushShards } from "../app/all-shards.ts";

/** `GET /v1/settings`. */
export async function getSettings({ env, now, app }: AppRouteContext): Promise<Response> {
  const { name } = await appContext(env, app, now);
  const { settings } = await callObject(env.ROLLUPS, rollupName(name), (stub) => stub.config());
  return Response.json(shown(settings));
}

/** `PUT /v1/settings`: changes any of them; members that are absent keep their value. Answers with all. */
export async function putSettings({ request, env, now, app }: AppRouteContext): Promise<Response> {
  checkMediaType(request, ["application/json", "text/plain"]);
  const change = decodeSettings(await readJson(request, maxSettingsBytes));
  if (!change.ok) throw new Refusal("invalid-settings", change.error);
  const context = await appContext(env, app, now);
  const { settings: before } = await callObject(env.ROLLUPS, rollupName(context.name), (stub) =>
    stub.config(),
  );
  const complaint = complaintAbout(before, change.value);
  if (complaint !== null) throw new Refusal("invalid-settings", complaint);
  const { jwt } = change.value;
  if (jwt?.secret === hiddenSecret) {
    if (before.jwt?.secret === undefined)
      throw new Refusal("invalid-settings", "jwt: there is no secret to keep");
    jwt.secret = before.jwt.secret;
  } else if (jwt?.secret !== undefined) {
    jwt.secret = await sealSecret(env, app, jwt.secret, now);
  }
  // How days were cut so far depends on where activity lies, so the roll-up should know of all of it.
  if (change.value.timeZone !== undefined) await pushShards(env, context);
  const config = await callObject(env.ROLLUPS, rollupName(context.name), (stub) =>
    stub.changeSettings(change.value),
  );
  rememberConfig(context, config, now);
  return Response.json(shown(config.settings));
}

/** Settings as they may be seen: whoever reads them learns that there is a shared secret, and not which. */
function shown(settings: Settings): Settings {
  const { jwt } = settings;
  return jwt?.secret === undefined ? settings : { ...settings, jwt: { ...jwt, secret: hiddenSecret } };
}
