import type { AppRow } from "../../query/app-list.ts";
import type { Sort } from "../view.ts";

/** What a card says of its app: people of 5 minutes, 24 hours, 7 and 30 days. */
export type Figures = Pick<AppRow, "online" | "dau" | "wau" | "mau">;

/** Names of apps in the order that was chosen; those whose figure isn't known last, and what is equal by name. */
export function inOrder(
  apps: readonly string[],
  figures: ReadonlyMap<string, Figures | null>,
  sort: Sort,
): string[] {
  const rank = (app: string) => (sort === "name" ? 0 : (figures.get(app)?.[sort].count ?? -1));
  return apps.toSorted((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
}

/** Whether an app's name has what was looked for in it. */
export function isFound(app: string, find: string | null): boolean {
  return find === null || app.includes(find.trim().toLowerCase());
}
