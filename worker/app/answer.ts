import type { Answer } from "../../sdk/wire.ts";
import { utf8 } from "../bytes.ts";
import { entityTag, isKnown } from "../http/entity-tag.ts";
import { iso } from "../query/figures.ts";
import type { App } from "./app.ts";

/** An answer as it goes to whoever asks: plain data, of use to every request that asks the same. */
export interface PreparedAnswer {
  /** JSON. */
  text: string;
  etag: string;
  cacheControl: string;
}

/**
 * An answer: one object with the app, when it was computed, by which definition, and a list of rows. The ETag is of all
 * but the time, so that a dashboard that asks again is told in a few bytes that nothing has changed.
 *
 * @param isClosedForGood whether beats can no longer change the rows
 */
export async function prepareAnswer<Given extends Answer>(
  { app, now }: { app: App; now: number },
  body: Omit<Given, "app" | "at">,
  isClosedForGood = false,
): Promise<PreparedAnswer> {
  return {
    text: JSON.stringify({ app: app.name.app, at: iso(now), ...body }),
    etag: await entityTag(utf8(JSON.stringify(body))),
    cacheControl: isClosedForGood ? "private, max-age=86400, immutable" : "private, no-cache",
  };
}

/** Answers a request: with 304 where it shows that it knows the answer. */
export function respondWith(request: Request, { text, etag, cacheControl }: PreparedAnswer): Response {
  const headers = { etag, "cache-control": cacheControl, vary: "authorization" };
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers });
  return new Response(text, { headers: { ...headers, "content-type": "application/json" } });
}

/** `prepareAnswer` and `respondWith` in one. */
export async function answerWith<Given extends Answer>(
  route: { request: Request; app: App; now: number },
  body: Omit<Given, "app" | "at">,
): Promise<Response> {
  return respondWith(route.request, await prepareAnswer<Given>(route, body));
}
