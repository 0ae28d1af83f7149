import { defaultCommitWindowMs, maxGatherMs } from "./limits.ts";
import type { DirectoryRpc, GateRpc, RollupRpc, ShardRpc } from "./rpc.ts";

/** What the platform binds: see `wrangler.toml` (Cloudflare) and `worker/workerd.capnp` (the embedded engine). */
export interface Env {
  /** At least 32 random bytes in base64url; every key is derived from it. */
  HEADCOUNT_SECRET?: string;
  /** Least milliseconds between two commits of a shard: bounds what is written, and paid for, under load. */
  COMMIT_WINDOW_MS?: string;
  /**
   * The header in which the proxy in front tells who asks. Without it nobody is limited by address; it must be one that
   * the proxy sets itself and that nobody can forge.
   */
  ADDRESS_HEADER?: string;
  /** The header in which the proxy in front tells the country of who asks, for the dimension `country`. */
  COUNTRY_HEADER?: string;
  /** The platform's rate limit, where there is one. */
  RATE_LIMIT?: RateLimit;
  /** Calls a second above which a shard is busy, and the app gets twice as many; 0 leaves their number alone. */
  BUSY_CALLS_PER_SECOND?: string;
  /** Origins of key servers that may lie in a private network or speak http, with commas between them. */
  JWKS_ALLOW?: string;
  /** The same of receivers of webhooks. */
  WEBHOOK_ALLOW?: string;
  /** The way to both; the embedded engine reaches public addresses alone otherwise. */
  PRIVATE_NETWORK?: Fetcher;
  /** Where every object must stay, `eu` say; where the platform has jurisdictions. */
  JURISDICTION?: string;
  /** Ids of the roll-ups that were lost, as `npm start` finds before the engine makes them anew. */
  LOST_ROLLUPS?: string;
  /** Set where whoever runs the service lets what was lost begin anew. */
  ACCEPT_LOSS?: string;
  SHARDS: DurableObjectNamespace<ShardRpc>;
  GATES: DurableObjectNamespace<GateRpc>;
  ROLLUPS: DurableObjectNamespace<RollupRpc>;
  DIRECTORY: DurableObjectNamespace<DirectoryRpc>;
}

/** Least milliseconds between two commits of a shard. */
export function commitWindowMs(env: Env): number {
  return Number(env.COMMIT_WINDOW_MS ?? defaultCommitWindowMs);
}

/** Milliseconds for which so many commit windows' worth is gathered. */
export function gatherMs(env: Env, windows: number): number {
  return Math.min(windows * commitWindowMs(env), maxGatherMs);
}
