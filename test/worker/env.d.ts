declare namespace Cloudflare {
  interface Env {
    HEADCOUNT_SECRET: string;
    SHARDS: DurableObjectNamespace<import("../../worker/objects/shard.ts").Shard>;
    GATES: DurableObjectNamespace<import("../../worker/objects/gate.ts").Gate>;
    DIRECTORY: DurableObjectNamespace<import("../../worker/objects/directory.ts").Directory>;
    ROLLUPS: DurableObjectNamespace<import("../../worker/objects/rollup.ts").Rollup>;
  }
  interface GlobalProps {
    mainModule: typeof import("../../worker/index.ts");
  }
}

/** A file as it is. */
declare module "*?raw" {
  const text: string;
  export default text;
}
