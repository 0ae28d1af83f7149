import { nobodyLooks } from "../asynchronous/nobody-looks.ts";
import { type LaterOptions, startLater } from "../asynchronous/start-later.ts";
import type { Headcount } from "../index.ts";

/**
 * For where there is no page: an extension's service worker, a web worker, a script. Nobody is seen there, so nothing
 * is counted until `heartbeat()` says that somebody is active. Call it in each event that a person brings about: a user is
 * sent once a slot of five minutes, also by a worker that is ended and started again meanwhile, if it has a storage.
 */
export function init(options: LaterOptions): Headcount {
  return startLater(options, nobodyLooks);
}
