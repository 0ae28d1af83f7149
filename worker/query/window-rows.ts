import type { Covers, Period, WindowRow } from "../../sdk/wire.ts";
import { nested } from "../counting/nested.ts";
import type { WindowCount } from "../counting/rollup-state.ts";
import type { AskedWindow } from "./asked-windows.ts";
import { iso } from "./figures.ts";

/** Name and version of what `active` means, so that a figure can be told from one that was counted otherwise. */
export const activeDefinition = "active/2";
export const onlineDefinition = "online/2";

/** The rows of an answer: one a window. Where there are several, all end now, and none has fewer people than a shorter one. */
export function windowRows(asked: readonly AskedWindow[], counts: readonly WindowCount[]): WindowRow[] {
  return nested(counts).map((count, index) => ({ window: asked[index]?.window ?? "", ...written(count) }));
}

/** A count with its times in ISO 8601. */
export function written({ from, to, covers, ...count }: WindowCount): Omit<WindowRow, "window"> {
  return { ...period({ from, to }), ...(covers && { covers: coversOf(covers) }), ...count };
}

function coversOf({ outer, inner }: NonNullable<WindowCount["covers"]>): Covers {
  return { outer: period(outer), inner: period(inner) };
}

function period({ from, to }: { from: number; to: number }): Period {
  return { from: iso(from), to: iso(to) };
}
