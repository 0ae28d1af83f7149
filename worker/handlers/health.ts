import type { RouteContext } from "../app/route-context.ts";

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
