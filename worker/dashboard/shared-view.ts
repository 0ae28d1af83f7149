import { readView, type View, writeView } from "./view.ts";

/** What a shared view can show: parts of the dashboard, in their order. */
export const panels = [
  "headline",
  "trend",
  "newcomers",
  "stickiness",
  "lifecycle",
  "retention",
  "growth",
  "power",
  "split",
] as const;

export type PanelName = (typeof panels)[number];

/** They are told of everyone, so that a view of a part of the people has none of them. */
export const panelsOfEveryone: readonly PanelName[] = ["growth", "split"];

/** What a link shows to whoever has it. */
export interface SharedView {
  panels: readonly PanelName[];
  view: View;
}

/** The text that `readSharedView` reads as this view. */
export function writeSharedView(shared: SharedView): string {
  const query = new URLSearchParams(writeView(shared.view));
  query.set("panels", shared.panels.join("."));
  return query.toString();
}

/** Reads what `writeSharedView` wrote. Panels that aren't known any more are left out. */
export function readSharedView(text: string): SharedView {
  const named = new URLSearchParams(text).get("panels")?.split(".") ?? [];
  return { panels: panels.filter((name) => named.includes(name)), view: readView(text) };
}

/** Its panels as a list in words. */
export function panelsOf({ panels: shown }: SharedView): string {
  return shown.join(", ");
}
