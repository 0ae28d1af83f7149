import type { RequestFacts } from "../http/request-facts.ts";
import type { Role } from "../roles.ts";
import type { App } from "./app.ts";
import type { Isolate } from "./isolate.ts";
import type { Outboxes } from "./outboxes.ts";

/** Who asks, where and when: what does not depend on the way of asking. `now` is Unix milliseconds. */
export interface SenderContext {
  isolate: Isolate;
  /** Through which activity is handed to the shards. */
  outboxes: Outboxes;
  facts: RequestFacts;
  now: number;
}

/** What every handler is given. */
export interface RouteContext extends SenderContext {
  request: Request;
  url: URL;
}

/** What a handler behind a bearer key is given besides: the app that the key speaks for. */
export interface AppRouteContext extends RouteContext {
  app: App;
  role: Role;
  /** The revision of the key. */
  keyRevision: number;
}
