import type { HyperLogLog } from "../hyperloglog.ts";

/** The entries of all sparse sketches, each with the bits of the sketches that it is in. */
export function listed(sketches: readonly HyperLogLog[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const [i, sketch] of sketches.entries()) {
    if (!sketch.isSparse) continue;
    for (const entry of sketch.entries()) found.set(entry, (found.get(entry) ?? 0) | (1 << i));
  }
  return found;
}
