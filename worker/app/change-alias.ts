import type { AliasChange } from "../counting/aliases.ts";
import type { Claim } from "../counting/move-past.ts";
import type { PastOutcome } from "../counting/identities.ts";
import type { App } from "./app.ts";

/** A change of who counts as whom, and what is known of the user's past. */
export interface ClaimedChange {
  change: AliasChange;
  claim: Claim;
}

/**
 * Carries out changes of who counts as whom, in order. The order of the steps is what makes it whole: first the shards
 * that see the users count by the new rule, then what they saw before reaches the roll-up, and only then is the past
 * moved. Whoever is told that it failed sends it again; each step may happen twice.
 */
export async function changeAliases(app: App, changes: ClaimedChange[]): Promise<PastOutcome[]> {
  const shards = await app.rollup((rollup) => rollup.changeAliases(changes.map(({ change }) => change)));
  await Promise.all(
    shards.map(async (index) => {
      await app.shard(index, (shard) => shard.learnAliases());
      await app.shard(index, (shard) => shard.push());
    }),
  );
  app.renewStanding();
  return app.rollup((rollup) => rollup.movePasts(changes));
}

/** Carries out one change; see `changeAliases`. */
export async function changeAlias(app: App, change: AliasChange, claim: Claim): Promise<PastOutcome> {
  const [outcome] = await changeAliases(app, [{ change, claim }]);
  return outcome ?? { exact: true };
}
