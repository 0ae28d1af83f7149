import { maxFanOut } from "../limits.ts";
import type { ShardStatus } from "../rpc.ts";
import type { App } from "./app.ts";

/** Resolves once the roll-up has absorbed all that was acknowledged before. */
export async function pushShards(app: App): Promise<void> {
  await toGroups(app, ([first = 0, ...others]) =>
    app.shard(first, (shard) => shard.push(others.map((index) => app.shardName(index)))),
  );
}

/** Resolves once every shard counts everybody as whom the roll-up says. */
export async function teachShards(app: App): Promise<void> {
  await toGroups(app, ([first = 0, ...others]) =>
    app.shard(first, (shard) => shard.learnAliases(others.map((index) => app.shardName(index)))),
  );
}

/** The state of each shard, in order; null for one that does not answer. */
export async function shardStates(app: App): Promise<(ShardStatus | null)[]> {
  return (await toGroups(app, (group) => statesOf(app, group))).flat();
}

/** Whoever asks for others may be the one that does not answer: then the next one asks for the rest. */
async function statesOf(app: App, [first, ...others]: number[]): Promise<(ShardStatus | null)[]> {
  if (first === undefined) return [];
  try {
    return await app.shard(first, (shard) => shard.status(others.map((index) => app.shardName(index))));
  } catch {
    return [null, ...(await statesOf(app, others))];
  }
}

/**
 * Turns to all shards of an app in groups, the first of which is to ask the others, so that nobody makes more calls
 * than the platform allows.
 */
async function toGroups<Answer>(app: App, ask: (group: number[]) => Promise<Answer>): Promise<Answer[]> {
  // Not what this isolate remembers: there may be more by now, and others may have used them.
  const { shardsEver } = await app.rollup((rollup) => rollup.config());
  const size = Math.ceil(shardsEver / maxFanOut);
  const shards = Array.from({ length: shardsEver }, (_, index) => index);
  const groups = Array.from({ length: Math.ceil(shardsEver / size) }, (_, group) =>
    shards.slice(group * size, (group + 1) * size),
  );
  return Promise.all(groups.map(ask));
}
