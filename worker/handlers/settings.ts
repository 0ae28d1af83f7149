import { pushShards } from "../app/all-shards.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { complaintAboutKeyServer } from "../app/key-servers.ts";
import { complaintAboutReceivers } from "../app/webhook-receivers.ts";
import { sealWebhooks } from "../app/webhook-secrets.ts";
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
  const { jwt, timeZone } = change;
  const mayNotBeAsked =
    complaintAboutKeyServer(change, app.keyServers.allowed) ??
    complaintAboutReceivers(change.webhooks, app.receivers.allowed);
  if (mayNotBeAsked !== null) throw new Refusal("invalid-settings", mayNotBeAsked);
  if (jwt?.secret !== undefined && jwt.secret !== hiddenSecret) {
    jwt.secret = await sealSecret(app, jwt.secret, now);
  }
  const { webhooks, made } = await sealWebhooks(app, change.webhooks ?? [], now);
  if (change.webhooks !== undefined) change.webhooks = webhooks;
  // How days were cut so far depends on where activity lies, so the roll-up should know of all of it.
  if (timeZone !== undefined) await pushShards(app);
  const { complaint, ...config } = await app.rollup((rollup) => rollup.changeSettings(change));
  app.remember(config, now);
  if (complaint !== undefined) throw new Refusal("invalid-settings", complaint);
  return Response.json(shown(config.settings, made));
}

/**
 * Settings as they may be seen: whoever reads them learns that there are secrets, and not which.
 *
 * @param made secrets of webhooks that were made just now, by URL: they are shown this once
 */
function shown(settings: Settings, made: ReadonlyMap<string, string> = new Map()): Settings {
  const { jwt, webhooks } = settings;
  return {
    ...settings,
    ...(jwt?.secret !== undefined && { jwt: { ...jwt, secret: hiddenSecret } }),
    webhooks: webhooks.map((webhook) => ({ ...webhook, secret: made.get(webhook.url) ?? hiddenSecret })),
  };
}
