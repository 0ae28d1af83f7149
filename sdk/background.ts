export type { About, Headcount } from "./index.ts";
export type { AsyncKeyValueStorage } from "./asynchronous/options.ts";
export type { LaterOptions as BackgroundOptions } from "./asynchronous/start-later.ts";
export { init } from "./background/init.ts";
