import { changeAlias, changeAliases, type ClaimedChange } from "../app/change-alias.ts";
import type { App } from "../app/app.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { checkMediaType, jsonOrText, mediaType, readBody } from "../http/body.ts";
import { Refusals } from "../http/refusals.ts";
import { readNdjson } from "../http/ndjson.ts";
import { Refusal } from "../http/problem.ts";
import { serverClaim } from "../ingest/claims.ts";
import { linksPerFlush, maxLineBytes, maxLinkBytes } from "../limits.ts";
import { decodeExclusion, decodeLink, decodeUnlink, type Link } from "../schemas/link-schema.ts";

const rules = { types: jsonOrText, maxBytes: maxLinkBytes };
const ndjson = "application/x-ndjson";

/** `POST /v1/links`: two users are one person; as NDJSON many of them. */
export async function postLink(route: AppRouteContext): Promise<Response> {
  const { request, app, now } = route;
  if (mediaType(request) === ndjson) return postLinks(route);
  const { change, claim } = linking(app, await readBody(request, { ...rules, decode: decodeLink }), now);
  return Response.json({ linked: true, ...(await changeAlias(app, change, claim)) });
}

async function postLinks({ request, app, now }: AppRouteContext): Promise<Response> {
  checkMediaType(request, [ndjson]);
  const refusals = new Refusals();
  let [linked, inexact] = [0, 0];
  let changes: ClaimedChange[] = [];
  const flush = async () => {
    const outcomes = changes.length === 0 ? [] : await changeAliases(app, changes);
    linked += outcomes.length;
    inexact += outcomes.filter(({ exact }) => !exact).length;
    changes = [];
  };
  for await (const lines of readNdjson(request.body ?? new ReadableStream(), maxLineBytes)) {
    for (const read of lines) {
      const link = "error" in read ? { ok: false as const, error: read.error } : decodeLink(read.value);
      if (link.ok) changes.push(linking(app, link.value, now));
      else refusals.note(read.line, link.error);
      if (changes.length >= linksPerFlush) await flush();
    }
  }
  await flush();
  const answer = { linked, inexact, rejected: refusals.count, errors: refusals.listed };
  if (linked === 0 && refusals.count > 0) {
    throw new Refusal("nothing-accepted", "every line was refused: see errors", {}, answer);
  }
  return Response.json(answer);
}

function linking({ hasher, calendar }: App, link: Link, now: number): ClaimedChange {
  const { from, to, days = null, first = null, last = null } = link;
  return {
    change: { do: "link", user: hasher.hash("user", from), to: hasher.hash("user", to), onlyIfFree: false },
    claim: serverClaim({ days, first, last }, calendar, now),
  };
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
  await changeAlias(app, { do: change, user: app.hasher.hash("user", user) }, claim);
}
