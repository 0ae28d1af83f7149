import type { RouteContext } from "../app/route-context.ts";
import sdkDevelopmentScript from "../../dist/sdk.dev.js.txt";
import sdkScript from "../../dist/sdk.js.txt";
import sdkModule from "../../dist/sdk.mjs.txt";

/** `GET /healthz`: answers as long as the Worker runs; 503 where it has no secret, or data were lost. */
export async function getHealth({ isolate }: RouteContext): Promise<Response> {
  await isolate.apps.ring();
  const health = isolate.isDamaged
    ? { status: "damaged", detail: "stored data were lost: restore a backup (docs/backup.md)" }
    : { status: "ok" };
  return Response.json(health, {
    status: isolate.isDamaged ? 503 : 200,
    headers: { "cache-control": "no-store" },
  });
}

/** `GET /sdk.js`: the SDK for a script tag. */
export function getSdkScript(): Response {
  return script(sdkScript);
}

/** `GET /sdk.dev.js`: the same in its development build, which says in the console why nothing is sent. */
export function getSdkDevelopmentScript(): Response {
  return script(sdkDevelopmentScript);
}

/** `GET /sdk.mjs`: the SDK's core as a module. */
export function getSdkModule(): Response {
  return script(sdkModule);
}

/** Any page may load it. */
function script(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=3600",
      "cross-origin-resource-policy": "cross-origin",
    },
  });
}
