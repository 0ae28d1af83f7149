export { init } from "./init.ts";
export type { About, Headcount, KeyValueStorage, Lifecycle, Options } from "./options.ts";
