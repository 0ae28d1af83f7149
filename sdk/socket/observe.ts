import type { Core } from "../heartbeat.ts";
import type { Headcount } from "../options.ts";
import { slotMs } from "../wire.ts";

/**
 * Counts through a socket that the app has anyway: what arrives on it while the page is visible is a sign of life, once a
 * slot. Ends with the instance.
 *
 * @returns what ends it
 */
export function observe(headcount: Headcount, socket: EventTarget): () => void {
  const { lifecycle, ends } = headcount as Core;
  let counted = 0;
  const onMessage = () => {
    const slot = Math.floor(Date.now() / slotMs);
    if (slot === counted || !lifecycle?.isVisible()) return;
    counted = slot;
    headcount.heartbeat();
  };
  const end = () => socket.removeEventListener("message", onMessage);
  socket.addEventListener("message", onMessage);
  ends.push(end);
  return end;
}
