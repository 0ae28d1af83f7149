import type { ActiveDays } from "../counting/move-activity.ts";
import type { AliasChange } from "../counting/rollup-state.ts";
import type { App } from "./app.ts";

/**
 * Carries out a change of who counts as whom. The order is what makes it whole: first the shards that see the
 * user count by the new rule, then what they saw before reaches the roll-up, and only then is the past moved. Whoever
 * is told that it failed sends it again; each step may happen twice.
 */
export async function changeAlias(app: App, change: AliasChange, days: ActiveDays | null): Promise<void> {
  const shards = await app.rollup((rollup) => rollup.changeAlias(change));
  await Promise.all(
    shards.map(async (index) => {
      await app.shard(index, (shard) => shard.learnAliases());
      await app.shard(index, (shard) => shard.push());
    }),
  );
  app.forgetAcknowledged();
  await app.rollup((rollup) =>
    change.do === "include" ? rollup.noteInclusion() : rollup.moveHistory(change.user.entry, days),
  );
}
