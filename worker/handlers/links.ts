import { changeAlias } from "../app/change-alias.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import type { ActiveDays } from "../counting/move-activity.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { maxLinkBytes } from "../limits.ts";
import { decodeExclusion, decodeLink } from "../schemas/link-schema.ts";

const rules = { types: jsonOrText, maxBytes: maxLinkBytes };

/** `POST /v1/links`: two users are one person. */
export async function postLink({ request, app }: AppRouteContext): Promise<Response> {
  const { from, to, days } = await readBody(request, { ...rules, decode: decodeLink });
  const [user, other] = [app.hasher.hash("user", from), app.hasher.hash("user", to)];
  await changeAlias(app, { do: "link", user, to: other, onlyIfFree: false }, activeDays(days));
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
  { request, app }: AppRouteContext,
  change: "exclude" | "include",
): Promise<void> {
  const { user, days } = await readBody(request, { ...rules, decode: decodeExclusion });
  await changeAlias(app, { do: change, user: app.hasher.hash("user", user) }, activeDays(days));
}

function activeDays(sure: string[] | null): ActiveDays | null {
  return sure && { sure, perhaps: [] };
}
