export { init, type TokenOptions } from "./tokens/init.ts";
export type { About, Headcount, KeyValueStorage, Lifecycle, Options } from "./options.ts";
