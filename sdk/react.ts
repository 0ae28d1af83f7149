"use client";

export { Heartbeat } from "./react/heartbeat.ts";
export { type HeartbeatOptions, useHeartbeat } from "./react/use-heartbeat.ts";
