import type { Options } from "./options.ts";
import type { Beat, HeartbeatRequest, HeartbeatResponse } from "./wire.ts";

/**
 * Sends beats. Throws the `Response` if it is no success, and an `Error` if there is none or if it is no JSON: a
 * hotel's log-in page, say, with status 200. Without a content type of ours the browser sends `text/plain`, which
 * needs no preflight. `keepalive` lets the request outlive the page. No `sendBeacon`: it hides the answer, and ad
 * blockers block it.
 */
export async function send(
  options: Options,
  beats: Beat[],
  link: HeartbeatRequest["link"],
): Promise<HeartbeatResponse> {
  const request: HeartbeatRequest = { key: options.key, beats, link };
  const response = await (options.fetch ?? fetch)(options.endpoint + "/v1/heartbeat", {
    method: "POST",
    body: JSON.stringify(request),
    keepalive: true,
    credentials: "omit",
  });
  if (response.ok) return response.json();
  throw response;
}
