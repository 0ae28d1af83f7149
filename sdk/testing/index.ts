export type { Counts, Keys, StartOptions, TestHeadcount } from "./options.ts";
export { startHeadcount } from "./start-headcount.ts";
