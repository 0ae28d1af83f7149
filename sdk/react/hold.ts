import type { Headcount } from "../index.ts";

/** Something that runs for an instance, and how many components want it to. */
interface Held {
  holders: number;
  end: () => void;
}

/** Makes a function that begins something for an instance and ends it when everybody who asked for it has let go. */
export function createHold(): (headcount: Headcount, begin: () => () => void) => () => void {
  const all = new WeakMap<Headcount, Held>();
  return (headcount, begin) => {
    const held = all.get(headcount) ?? { holders: 0, end: begin() };
    all.set(headcount, held);
    held.holders++;
    return () => {
      held.holders--;
      if (held.holders > 0) return;
      all.delete(headcount);
      held.end();
    };
  };
}
