export type { AccountFunctions, CountedSession, SessionFunctions } from "./functions.ts";
export { type HeadcountPlugin, headcountPlugin, type PluginOptions } from "./headcount-plugin.ts";
