import { changeAlias } from "../app/change-alias.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { linking, takeLinks } from "../app/take-links.ts";
import { checkEncoding, jsonOrText, mediaType, readBody } from "../http/body.ts";
import { unpacked } from "../http/gunzip.ts";
import { ndjsonTypes } from "../http/ndjson.ts";
import { serverClaim } from "../ingest/claims.ts";
import type { PastOutcome } from "../counting/identities.ts";
import { Refusal } from "../http/problem.ts";
import { maxLinkBytes } from "../limits.ts";
import { decodeExclusion, decodeLink, decodeUnlink } from "../schemas/link-schema.ts";

const rules = { types: jsonOrText, maxBytes: maxLinkBytes };

/** `POST /v1/links`: two users are one person; as NDJSON many of them. */
export async function postLink(route: AppRouteContext): Promise<Response> {
  const { request, app, now } = route;
  if (ndjsonTypes.includes(mediaType(request) ?? "")) {
    const isSaidGzip = checkEncoding(request, ["gzip", "x-gzip"]) !== null;
    return Response.json(await takeLinks(app, unpacked(request.body ?? [], isSaidGzip), now));
  }
  const { change, claim } = linking(app, await readBody(request, { ...rules, decode: decodeLink }), now);
  return Response.json({ linked: true, ...orFull(await changeAlias(app, change, claim)) });
}

/** `DELETE /v1/links`: from now on the two are two again; on days that are named they were two in the past as well. */
export async function deleteLink({ request, app, now }: AppRouteContext): Promise<Response> {
  const { from, to, days = null } = await readBody(request, { ...rules, decode: decodeUnlink });
  const user = app.hasher.hash("user", from);
  const other = to === undefined ? null : app.hasher.hash("user", to);
  await changeAlias(app, { do: "unlink", user, to: other }, serverClaim({ days }, app.calendar, now));
  return Response.json({ linked: false });
}

/** `POST /v1/exclusions`: a user is not counted any more, and taken out of the past. */
export async function postExclusion(route: AppRouteContext): Promise<Response> {
  await changeExclusion(route, "exclude");
  return Response.json({ excluded: true });
}

/** `DELETE /v1/exclusions`: from now on the user is counted again, and on days that are named in the past as well. */
export async function deleteExclusion(route: AppRouteContext): Promise<Response> {
  await changeExclusion(route, "include");
  return Response.json({ excluded: false });
}

async function changeExclusion(
  { request, app, now }: AppRouteContext,
  change: "exclude" | "include",
): Promise<void> {
  const { user, days = null } = await readBody(request, { ...rules, decode: decodeExclusion });
  const claim = serverClaim({ days }, app.calendar, now);
  orFull(await changeAlias(app, { do: change, user: app.hasher.hash("user", user) }, claim));
}

/** What came of a change. Throws a `Refusal` where there was no room for it. */
function orFull({ refused, ...outcome }: PastOutcome): Omit<PastOutcome, "refused"> {
  if (refused !== undefined) throw new Refusal("full", refused);
  return outcome;
}
