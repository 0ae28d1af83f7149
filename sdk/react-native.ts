export type { About, Headcount } from "./index.ts";
export type { AsyncKeyValueStorage } from "./asynchronous/options.ts";
export { init } from "./react-native/init.ts";
export type { AppStateLike, NativeOptions } from "./react-native/options.ts";
