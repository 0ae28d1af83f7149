import { WorkerEntrypoint } from "cloudflare:workers";
import { isolateOf } from "../app/isolate.ts";
import { closeGates } from "../app/open-socket.ts";
import type { Env } from "../env.ts";

/**
 * What `npm start` asks of its engine. Bound to no public address: see `worker/workerd.capnp`.
 */
export class Control extends WorkerEntrypoint<Env> {
  /**
   * `POST /refuse?share=0.5` has that share of reports refused. `POST /close` counts and closes the open sockets before an
   * end, for which the engine would wait without end.
   */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const isolate = isolateOf(this.env);
    if (pathname === "/refuse") isolate.inFlight.refuseReports(Number(searchParams.get("share")));
    else if (pathname === "/close") await closeGates(isolate);
    else return new Response(null, { status: 404 });
    return new Response(null, { status: 204 });
  }
}
