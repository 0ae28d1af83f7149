import { type HeartbeatOptions, useHeartbeat } from "./use-heartbeat.ts";

/**
 * Counts whoever has this app in the foreground, for as long as it is mounted. Renders nothing.
 *
 *     <Heartbeat endpoint="https://headcount.example.com" publicKey="hc_pub_…" user={session?.userId} />
 */
export function Heartbeat(props: HeartbeatOptions): null {
  useHeartbeat(props);
  return null;
}
