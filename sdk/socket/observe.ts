import type { Core } from "../heartbeat.ts";
import type { Headcount } from "../options.ts";
import { slotMs } from "../wire.ts";

/** The part of a `WebSocket`, the browser's or React Native's, that is used. */
export interface MessageSource {
  addEventListener(type: "message", listener: () => void): void;
  removeEventListener(type: "message", listener: () => void): void;
}

/**
 * Counts through a socket that the app has anyway: what arrives on it while the page is visible is a sign of life, once a
 * slot. Ends with the instance.
 *
 * @returns what ends it
 */
export function observe(headcount: Headcount, socket: MessageSource): () => void {
  const { lifecycle, atEnd } = headcount as Core;
  let counted = 0;
  const onMessage = () => {
    const slot = Math.floor(Date.now() / slotMs);
    if (slot === counted || !lifecycle?.isVisible()) return;
    counted = slot;
    headcount.heartbeat();
  };
  const end = () => socket.removeEventListener("message", onMessage);
  socket.addEventListener("message", onMessage);
  atEnd(end);
  return end;
}
