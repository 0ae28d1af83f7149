import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { closeGates } from "../handlers/live.ts";
import { refuseReports } from "../http/in-flight.ts";

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
    if (pathname === "/refuse") refuseReports(Number(searchParams.get("share")));
    else if (pathname === "/close") await closeGates(this.env);
    else return new Response(null, { status: 404 });
    return new Response(null, { status: 204 });
  }
}
