/** What remains of a user once hashed (`ingest/user-hasher.ts`). */
export interface UserHash {
  /** Address and rank in a sketch. */
  entry: number;
  /** 32 bits; take them modulo the number of shards, a power of two. */
  shardHash: number;
}
