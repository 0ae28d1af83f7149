import type { AppContext } from "./apps.ts";
import type { Env } from "../env.ts";
import { maxFanOut } from "../limits.ts";
import { callObject } from "./call-object.ts";
import { rollupName, shardName } from "./object-names.ts";
import type { Shard, ShardStatus } from "../objects/shard.ts";

/** Resolves once the roll-up has absorbed all that was acknowledged before. */
export async function pushShards(env: Env, context: AppContext): Promise<void> {
  await toGroups(env, context, ([first = "", ...others]) =>
    callObject(env.SHARDS, first, (shard) => shard.push(others)),
  );
}

/** Resolves once every shard counts everybody as whom the roll-up says. */
export async function teachShards(env: Env, context: AppContext): Promise<void> {
  await toGroups(env, context, ([first = "", ...others]) =>
    callObject(env.SHARDS, first, (shard) => shard.learnAliases(others)),
  );
}

/** The state of each shard, in order; null for one that does not answer. */
export async function shardStates(env: Env, context: AppContext): Promise<(ShardStatus | null)[]> {
  return (await toGroups(env, context, (group) => statesOf(env.SHARDS, group))).flat();
}

/** Whoever asks for others may be the one that does not answer: then the next one asks for the rest. */
async function statesOf(
  shards: DurableObjectNamespace<Shard>,
  [first, ...others]: string[],
): Promise<(ShardStatus | null)[]> {
  if (first === undefined) return [];
  try {
    return await shards.getByName(first).status(others);
  } catch {
    return [null, ...(await statesOf(shards, others))];
  }
}

/**
 * Turns to all shards of an app in groups, the first of which is to ask the others, so that nobody makes more calls
 * than the platform allows.
 */
async function toGroups<Answer>(
  env: Env,
  { name }: AppContext,
  ask: (group: string[]) => Promise<Answer>,
): Promise<Answer[]> {
  // Not what this Worker remembers: there may be more by now, and others may have used them.
  const { shardsEver } = await callObject(env.ROLLUPS, rollupName(name), (stub) => stub.config());
  const size = Math.ceil(shardsEver / maxFanOut);
  const shards = Array.from({ length: shardsEver }, (_, index) => shardName(name, index));
  const groups = Array.from({ length: Math.ceil(shardsEver / size) }, (_, group) =>
    shards.slice(group * size, (group + 1) * size),
  );
  return Promise.all(groups.map(ask));
}
