import type { RouteContext } from "../app/route-context.ts";
import { utf8 } from "../bytes.ts";
import { entityTag, isKnown } from "../http/entity-tag.ts";
import { Refusal } from "../http/problem.ts";
import tarball from "../../dist/headcount.tgz.bin";
import sdkDevelopmentScript from "../../dist/sdk.dev.js.txt";
import sdkScript from "../../dist/sdk.js.txt";
import sdkModule from "../../dist/sdk.mjs.txt";

/** `GET /sdk.js`: the SDK for a script tag. */
export function getSdkScript(route: RouteContext): Promise<Response> {
  return script(route, sdkScript);
}

/** `GET /sdk.dev.js`: the same in its development build, which says in the console why nothing is sent. */
export function getSdkDevelopmentScript(route: RouteContext): Promise<Response> {
  return script(route, sdkDevelopmentScript);
}

/** `GET /sdk.mjs`: the SDK's core as a module. */
export function getSdkModule(route: RouteContext): Promise<Response> {
  return script(route, sdkModule);
}

/** `GET /headcount.tgz`: the npm package of the version that runs. */
export async function getPackage(route: RouteContext): Promise<Response> {
  if (!tarball) throw new Refusal("not-found", "this service brings no package: a deployed one does");
  // After an upgrade there is another package at the same address.
  return file(route, tarball, { "content-type": "application/gzip", "cache-control": "no-cache" });
}

/** Any page may load it. */
function script(route: RouteContext, text: string): Promise<Response> {
  return file(route, utf8(text), {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=3600",
    "cross-origin-resource-policy": "cross-origin",
  });
}

async function file(
  { request }: RouteContext,
  contents: Uint8Array | ArrayBuffer,
  described: Record<string, string>,
): Promise<Response> {
  const headers = { ...described, etag: await entityTag(contents) };
  if (isKnown(request, headers.etag)) return new Response(null, { status: 304, headers });
  return new Response(contents, { headers: { ...headers, "content-length": `${contents.byteLength}` } });
}
