import type { Env } from "./env.ts";
import { fetchRoute } from "./routes.ts";

export { Control } from "./objects/control.ts";
export { Directory } from "./objects/directory.ts";
export { Gate } from "./objects/gate.ts";
export { Rollup } from "./objects/rollup.ts";
export { Shard } from "./objects/shard.ts";

export default { fetch: (request, env) => fetchRoute(request, env) } satisfies ExportedHandler<Env>;
