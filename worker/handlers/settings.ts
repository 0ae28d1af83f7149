import { pushShards } from "../app/all-shards.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { complaintAboutKeyServer } from "../app/key-servers.ts";
import { sealSecret } from "../app/settings-secret.ts";
import { hiddenSecret, type Settings } from "../counting/app-settings.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { Refusal } from "../http/problem.ts";
import { maxSettingsBytes } from "../limits.ts";
import { decodeSettings } from "../schemas/settings-schema.ts";

/** `GET /v1/settings`. */
export async function getSettings({ app }: AppRouteContext): Promise<Response> {
  const { settings } = await app.rollup((rollup) => rollup.config());
  return Response.json(shown(settings));
}

/** `PUT /v1/settings`: changes any of them; members that are absent keep their value. Answers with all. */
export async function putSettings({ request, app, now }: AppRouteContext): Promise<Response> {
  const change = await readBody(request, {
    types: jsonOrText,
    maxBytes: maxSettingsBytes,
    decode: decodeSettings,
    reason: "invalid-settings",
  });
  const complaintAboutJwt = complaintAboutKeyServer(change, app.keyServers.allowed);
  if (complaintAboutJwt !== null) throw new Refusal("invalid-settings", complaintAboutJwt);
  const { jwt, timeZone } = change;
  if (jwt?.secret !== undefined && jwt.secret !== hiddenSecret) {
    jwt.secret = await sealSecret(app, jwt.secret, now);
  }
  // How days were cut so far depends on where activity lies, so the roll-up should know of all of it.
  if (timeZone !== undefined) await pushShards(app);
  const { complaint, ...config } = await app.rollup((rollup) => rollup.changeSettings(change));
  app.remember(config, now);
  if (complaint !== undefined) throw new Refusal("invalid-settings", complaint);
  return Response.json(shown(config.settings));
}

/** Settings as they may be seen: whoever reads them learns that there is a shared secret, and not which. */
function shown(settings: Settings): Settings {
  const { jwt } = settings;
  return jwt?.secret === undefined ? settings : { ...settings, jwt: { ...jwt, secret: hiddenSecret } };
}
