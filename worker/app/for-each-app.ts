import { fewAtOnce } from "./few-at-once.ts";

/** Works on what belongs to each app, a few apps at once. Rejects in the end where one of them failed. */
export async function forEachApp<Item extends { socket: { app: string } }>(
  items: readonly Item[],
  work: (app: string, ofApp: Item[]) => Promise<void>,
): Promise<void> {
  await fewAtOnce([...Map.groupBy(items, ({ socket }) => socket.app)], (each) => work(...each));
}
