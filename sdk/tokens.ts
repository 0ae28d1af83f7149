export { init } from "./tokens/init.ts";
export type { TokenOptions } from "./tokens/options.ts";
export type { About, Headcount, KeyValueStorage, Lifecycle, Options } from "./options.ts";
