import type { Env } from "./env.ts";
import { fetchRoute } from "./routes.ts";

export { Control } from "./control.ts";
export { Gate } from "./objects/live-gate.ts";
export { Rollup } from "./objects/rollup.ts";
export { Shard } from "./objects/shard.ts";

export default { fetch: fetchRoute } satisfies ExportedHandler<Env>;
