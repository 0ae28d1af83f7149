import type { Options } from "../index.ts";
import type { HeartbeatOptions, InitOptions } from "./options.ts";
import { useHeartbeat } from "./use-heartbeat.ts";

/**
 * Counts whoever has this app in the foreground, for as long as it is mounted. Renders nothing.
 *
 *     <Heartbeat endpoint="https://headcount.example.com" publicKey="hc_pub_…" user={session?.userId} />
 */
export function Heartbeat<Given extends InitOptions = Options>(props: HeartbeatOptions<Given>): null {
  useHeartbeat(props);
  return null;
}
