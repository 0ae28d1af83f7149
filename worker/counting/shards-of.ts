/**
 * Every shard that may see, or have seen, a user: the number of shards is a power of two and may change, and a Worker may
 * hold the one before for a while.
 *
 * @param shardsEver the most shards that the app ever had
 */
export function shardsOf(shardHash: number, shardsEver: number): number[] {
  const shards = new Set<number>();
  for (let count = 1; count <= shardsEver; count *= 2) shards.add(shardHash % count);
  return [...shards];
}
