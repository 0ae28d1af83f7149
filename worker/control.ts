import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "./env.ts";
import { closeGates } from "./handlers/live.ts";

/**
 * What `npm start` asks of its engine before it ends it. Bound to no public address: see `worker/workerd.capnp`.
 */
export class Control extends WorkerEntrypoint<Env> {
  /** Counts and closes the open sockets; the engine would wait for them without end. */
  override async fetch(): Promise<Response> {
    await closeGates(this.env);
    return new Response(null, { status: 204 });
  }
}
