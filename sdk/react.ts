"use client";

export { Heartbeat } from "./react/heartbeat.ts";
export type { HeartbeatOptions } from "./react/options.ts";
export { useHeartbeat } from "./react/use-heartbeat.ts";
