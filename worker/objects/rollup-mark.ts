import type { MetaStore } from "../counting/meta-store.ts";

/** What is said where a roll-up's file was lost or emptied and another has begun in its place. */
export const lostRollup =
  "stored data: the roll-up of this app, with its figures, was lost: restore a backup (docs/backup.md)";

/**
 * By which the shards and the data folder know a roll-up again. Without it one whose file was lost would begin anew
 * and answer as if nobody had ever been counted.
 *
 * @param accepts whoever runs the service has no backup, and lets what is there begin anew
 * @throws Error where the roll-up is known to be lost
 */
export function markOf(store: MetaStore, accepts: boolean): string {
  if (accepts) store.putMeta("lost", null);
  else if (store.getMeta("lost") === true) throw new Error(lostRollup);
  const known = store.getMeta("mark") as string | null;
  if (known !== null) return known;
  const mark = crypto.randomUUID();
  store.putMeta("mark", mark);
  return mark;
}

/** Whether shards that knew a roll-up of another mark may go on with this one: that is asked once, and holds for all of them. */
export function isLossAccepted(store: MetaStore, mark: string, accepts: string | undefined): boolean {
  if (accepts) store.putMeta("acceptedMark", mark);
  return store.getMeta("acceptedMark") === mark;
}
