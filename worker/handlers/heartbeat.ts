import type { HeartbeatResponse } from "../../sdk/wire.ts";
import type { App } from "../app/app.ts";
import type { RouteContext } from "../app/route-context.ts";
import { takeHeartbeat } from "../app/take-heartbeat.ts";
import { secondsToNext } from "../counting/resolution.ts";
import { decodeText, jsonOrText, readText } from "../http/body.ts";
import { openHeaders } from "../http/open-headers.ts";
import { maxHeartbeatBytes } from "../limits.ts";
import { decodeHeartbeat, type HeartbeatBody } from "../schemas/beat-schema.ts";

const rules = { types: jsonOrText, maxBytes: maxHeartbeatBytes, decode: decodeHeartbeat };

/** `POST /v1/heartbeat`: signs of life from browsers and apps. Answers once all that is accepted is durable. */
export async function postHeartbeat(route: Omit<RouteContext, "url">): Promise<Response> {
  const { request, isolate, facts, now } = route;
  const text = await readText(request, rules, isolate.readings);
  // Headers hold no line ends, so no two requests give the same text.
  const digest = isolate.repeats.digest([text, facts.userAgent, facts.origin, facts.country].join("\n"));
  const app = isolate.repeats.find(digest, now);
  if (app !== null) {
    app.counters.note("beats_absorbed_at_edge");
    return new Response(oneAccepted(app, now), asJson);
  }
  return isolate.inFlight.run("reports", true, async () => {
    const body = decodeText(text, rules);
    const { answer, sender, standing } = await takeHeartbeat(route, body);
    const answered = JSON.stringify(answer);
    const isSaidAgain =
      sender.role === "secret" && answered === oneAccepted(sender.app, now) && isOfNow(body);
    if (isSaidAgain) isolate.repeats.add(digest, sender.app, standing, now);
    return new Response(answered, asJson);
  });
}

function oneAccepted({ settings, calendar }: App, now: number): string {
  const interval = secondsToNext(settings.resolution, now, calendar);
  return JSON.stringify({ accepted: 1, rejected: [], interval } satisfies HeartbeatResponse);
}

const asJson = { headers: { "content-type": "application/json", ...openHeaders } };

/** Whether a body that is sent again later in its slot says the same. */
function isOfNow({ beats, link, now }: HeartbeatBody): boolean {
  return link === undefined && now === undefined && !Object.hasOwn(beats[0] as object, "at");
}
