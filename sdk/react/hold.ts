import type { Headcount } from "../index.ts";

/** How many components use an instance. */
const holders = new WeakMap<Headcount, number>();

/** Keeps an instance running until what this returns is called by everybody who has called this. */
export function hold(headcount: Headcount): () => void {
  holders.set(headcount, (holders.get(headcount) ?? 0) + 1);
  return () => {
    const others = (holders.get(headcount) ?? 1) - 1;
    holders.set(headcount, others);
    if (others === 0) headcount.shutdown();
  };
}
