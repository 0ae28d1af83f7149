import type { Answer } from "../../sdk/wire.ts";
import { utf8 } from "../bytes.ts";
import { entityTag, isKnown } from "../http/entity-tag.ts";
import { iso } from "../query/figures.ts";
import type { AppRouteContext } from "./route-context.ts";

/**
 * An answer: one object with the app, when it was computed, by which definition, and a list of rows. The ETag is of all
 * but the time, so that a dashboard that asks again is told in a few bytes that nothing has changed.
 *
 * @param isClosedForGood whether beats can no longer change the rows
 */
export async function answerWith<Given extends Answer>(
  { request, app, now }: AppRouteContext,
  body: Omit<Given, "app" | "at">,
  isClosedForGood = false,
): Promise<Response> {
  const etag = await entityTag(utf8(JSON.stringify(body)));
  const headers = {
    etag,
    "cache-control": isClosedForGood ? "private, max-age=86400, immutable" : "private, no-cache",
    vary: "authorization",
  };
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers });
  return Response.json({ app: app.name.app, at: iso(now), ...body }, { headers });
}
