import { hex } from "../hex.ts";
import type { AppRouteContext } from "../routes.ts";
import { iso } from "../query/figures.ts";

/**
 * An answer: one object with the app, when it was computed and by which definition, and one list of rows. The ETag is of
 * the rows, so that a dashboard that asks again is told in a few bytes that nothing has changed.
 * @param closedForGood whether beats can no longer change the rows
 * @param members what stands beside the list
 */
export async function answerRows(
  { request, app, now }: AppRouteContext,
  definition: string,
  list: string,
  rows: unknown,
  closedForGood = false,
  members: Record<string, unknown> = {},
): Promise<Response> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(JSON.stringify([definition, rows, members])),
  );
  const etag = `"${hex(new Uint8Array(digest, 0, 12))}"`;
  const headers = {
    etag,
    "cache-control": closedForGood ? "private, max-age=86400, immutable" : "private, no-cache",
    vary: "authorization",
  };
  const known = (request.headers.get("if-none-match") ?? "")
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return Response.json({ app, at: iso(now), definition, [list]: rows, ...members }, { headers });
}
