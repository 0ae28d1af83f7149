import type { Answer } from "../../sdk/wire.ts";
import { hex, utf8 } from "../bytes.ts";
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
  const digest = await crypto.subtle.digest("SHA-256", utf8(JSON.stringify(body)));
  const etag = `"${hex(new Uint8Array(digest, 0, 12))}"`;
  const headers = {
    etag,
    "cache-control": isClosedForGood ? "private, max-age=86400, immutable" : "private, no-cache",
    vary: "authorization",
  };
  const known = (request.headers.get("if-none-match") ?? "")
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return Response.json({ app: app.name.app, at: iso(now), ...body }, { headers });
}
