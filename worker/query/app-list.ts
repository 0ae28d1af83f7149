import { type Count, slotMs } from "../../sdk/wire.ts";
import { nested } from "../counting/nested.ts";
import type { WindowCount } from "../counting/rollup-state.ts";
import { dayMs, maxAppsPerPage, usualAppsPerPage } from "../limits.ts";
import { ok, refused, type Result } from "../result.ts";
import { blank } from "./figures.ts";
import { checkOnce, numberIn } from "./members.ts";

export const appsDefinition = "apps/1";

/** Where an app stands in the list: by its people of 30 days, as its roll-up last told, and its name. */
export interface AppPlace {
  app: string;
  mau: number;
}

/** An app and its figures, of rolling windows that end now: 5 minutes, 24 hours, 7 and 30 days. */
export interface AppRow {
  app: string;
  online: Count;
  dau: Count;
  wau: Count;
  mau: Count;
}

/** What `GET /v1/apps` answers. */
export interface AppsAnswer {
  /** When it was computed, ISO 8601 in UTC. */
  at: string;
  definition: typeof appsDefinition;
  /** Those with the most people of 30 days first, then by name; those that can't be read last. */
  apps: AppRow[];
  /** `after` of the next page; null where there is none. */
  next: string | null;
}

/** Which apps a query asks for: how many, 1 to `maxAppsPerPage`, and after which place. */
export function askedApps(query: URLSearchParams): Result<{ limit: number; after: AppPlace | null }> {
  const once = checkOnce(query);
  if (!once.ok) return once;
  for (const name of query.keys()) {
    if (name !== "limit" && name !== "after") return refused("expected no parameters but limit and after");
  }
  const limit = numberIn(query, "limit", usualAppsPerPage, maxAppsPerPage);
  if (!limit.ok) return limit;
  const text = query.get("after");
  if (text === null) return ok({ limit: limit.value, after: null });
  const [, mau, app] = /^(\d{1,15})\.([a-z0-9-]{1,40})$/.exec(text) ?? [];
  return app === undefined
    ? refused("after: expected `next` of the previous page")
    : ok({ limit: limit.value, after: { app, mau: Number(mau) } });
}

/** What stands as `next` for the page after a place. */
export function cursorOf({ app, mau }: AppPlace): string {
  return `${mau}.${app}`;
}

/** The windows of a row, which end at `now`, Unix milliseconds. */
export function windowsOfApp(now: number) {
  return [slotMs, dayMs, 7 * dayMs, 30 * dayMs].map((lengthMs) => ({
    from: now - lengthMs,
    to: now,
    edges: "between" as const,
  }));
}

/** The row of an app of whose windows these are the counts. No window has fewer people than a shorter one. */
export function appRow(app: string, counts: readonly WindowCount[]): AppRow {
  const missing = blank("the roll-up did not answer");
  const [online = missing, dau = missing, wau = missing, mau = missing] = nested(counts).map(figureOf);
  return { app, online, dau, wau, mau };
}

/** The row of an app that can't be read, with why. */
export function unreadableRow(app: string, reason: string): AppRow {
  const figure = blank(reason);
  return { app, online: figure, dau: figure, wau: figure, mau: figure };
}

/** Rows in order; see `AppsAnswer`. */
export function inOrder(rows: readonly AppRow[]): AppRow[] {
  return rows.toSorted((a, b) => (b.mau.count ?? -1) - (a.mau.count ?? -1) || (a.app < b.app ? -1 : 1));
}

function figureOf({ count, low, high, reason }: WindowCount): Count {
  return count === null || low === null || high === null
    ? blank(reason ?? "it can't be known")
    : { count, low, high };
}
