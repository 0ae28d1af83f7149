import { slotMs } from "../../sdk/wire.ts";

/** A test in real time may begin in one slot and end in the next, where one more beat would be right: waits that out. */
export async function stayWithinSlot(): Promise<void> {
  const leftMs = slotMs - (Date.now() % slotMs);
  if (leftMs < 20_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 100));
}
