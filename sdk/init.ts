import { running, startHeartbeat } from "./heartbeat.ts";
import type { Headcount, Options } from "./options.ts";

/**
 * Starts counting whoever looks at this page. A second call with the same key returns the same instance and
 * ignores its other options, so that hot reloading and React's strict mode start nothing twice. On a server that
 * renders pages there is no document, and the instance does nothing.
 */
export function init(options: Options): Headcount {
  // Without types it may be called with nothing.
  options ??= {} as Options;
  return (running[options.key] ??= startHeartbeat(options));
}
