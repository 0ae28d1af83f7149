export { headcountPlugin, type PluginOptions } from "./headcount-plugin.ts";
export { linkAnonymous } from "./link-anonymous.ts";
