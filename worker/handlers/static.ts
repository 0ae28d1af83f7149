import sdkScript from "../../dist/sdk.js.txt";

/** `GET /healthz`: answers as long as the Worker runs. */
export function getHealth(): Response {
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}

/** `GET /sdk.js`: the SDK for a script tag. */
export function getSdkScript(): Response {
  return new Response(sdkScript, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=3600",
      "cross-origin-resource-policy": "cross-origin",
    },
  });
}
