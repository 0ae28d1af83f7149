import { appsAtOnce } from "../limits.ts";

/** Works on what belongs to each app, a few apps at once. Rejects in the end where one of them failed. */
export async function forEachApp<Item extends { socket: { app: string } }>(
  items: readonly Item[],
  work: (app: string, ofApp: Item[]) => Promise<void>,
): Promise<void> {
  const waiting = [...Map.groupBy(items, ({ socket }) => socket.app)];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await work(...next).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: appsAtOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
