declare namespace Cloudflare {
  interface Env {
    HEADCOUNT_SECRET: string;
    SHARDS: DurableObjectNamespace<import("../../worker/objects/shard.ts").Shard>;
    ROLLUPS: DurableObjectNamespace<import("../../worker/objects/rollup.ts").Rollup>;
  }
  interface GlobalProps {
    mainModule: typeof import("../../worker/index.ts");
  }
}
