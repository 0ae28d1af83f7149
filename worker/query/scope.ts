import type { Scope } from "../counting/rollup-state.ts";
import { seriesOf } from "../counting/series.ts";
import { ok, refused, type Result } from "../result.ts";

/**
 * Whom a query asks for: everyone, everyone split by a dimension (`by=platform`), or one value (`platform=web`).
 *
 * @param others the query's other members; what is left must be a dimension that the app declares
 */
export function scopeIn(
  query: URLSearchParams,
  others: readonly string[],
  declared: readonly string[],
): Result<Scope> {
  const by = query.get("by");
  const filters = [...query.keys()].filter((name) => !others.includes(name));
  const asked = [...filters, ...(by === null ? [] : [by])];
  if (asked.some((name) => !declared.includes(name))) {
    const dimensions =
      declared.length === 0 ? "no dimension is declared" : `a dimension: ${declared.join(", ")}`;
    return refused(`expected ${others.join(", ")}, or ${dimensions}`);
  }
  if (asked.length > 1) return refused("expected one split or one filter in a query, not several");
  if (by !== null) return ok({ of: "groups", dimension: by });
  const [filter] = filters;
  return ok(
    filter === undefined
      ? { of: "everyone" }
      : { of: "series", series: seriesOf(filter, query.get(filter) ?? "") },
  );
}
