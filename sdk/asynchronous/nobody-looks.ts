import type { Lifecycle } from "../index.ts";

/** Where there is nothing to look at: only what is said to be a sign of life is one. */
export const nobodyLooks: Lifecycle = {
  isVisible: () => false,
  subscribe: () => () => {},
};
