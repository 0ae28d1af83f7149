import type { WindowRow } from "../../sdk/wire.ts";
import type { WindowCount } from "../counting/rollup-state.ts";
import type { AskedWindow } from "./asked-windows.ts";
import { iso } from "./figures.ts";

/** Name and version of what `active` means, so that a figure can be told from one that was counted otherwise. */
export const activeDefinition = "active/1";
export const onlineDefinition = "online/1";

/** The rows of an answer: one a window, times in ISO 8601. */
export function windowRows(asked: readonly AskedWindow[], counts: readonly WindowCount[]): WindowRow[] {
  return counts.map(({ from, to, ...count }, index) => ({
    window: asked[index]?.window ?? "",
    from: iso(from),
    to: iso(to),
    ...count,
  }));
}
