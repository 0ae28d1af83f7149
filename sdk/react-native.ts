export type { About, Headcount } from "./index.ts";
export { init } from "./react-native/init.ts";
export type { AppStateLike, AsyncKeyValueStorage, NativeOptions } from "./react-native/options.ts";
