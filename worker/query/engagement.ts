import type { EngagementAnswer, EngagementRow, RatioRow } from "../../sdk/wire.ts";
import type { RollupState, Scope, WindowCount } from "../counting/rollup-state.ts";
import { dayMs } from "../limits.ts";
import { percent } from "./figures.ts";
import { written } from "./window-rows.ts";

export const engagementDefinition = "engagement/1";

const windows = [
  { metric: "dau", window: "24h", days: 1 },
  { metric: "wau", window: "7d", days: 7 },
  { metric: "mau", window: "30d", days: 30 },
] as const;

const ratios = [
  { metric: "dauWau", part: 0, whole: 1 },
  { metric: "dauMau", part: 0, whole: 2 },
  { metric: "wauMau", part: 1, whole: 2 },
] as const;

/**
 * Rolling active users, their ratios and stickiness (DAU over MAU in per cent), each beside the period before: the
 * window of the same length that ended when this one began, and the ratio of those.
 */
export function engagement(state: RollupState, scope: Scope, now: number): EngagementAnswer["metrics"] {
  const current = windows.map(({ days }) => state.count(now - days * dayMs, now, now, scope, "between"));
  const previous = windows.map(({ days }) =>
    state.count(now - 2 * days * dayMs, now - days * dayMs, now, scope, "between"),
  );
  const rows: (EngagementRow | RatioRow)[] = windows.map(({ metric, window }, index) => {
    const [is, was] = [current[index] as WindowCount, previous[index] as WindowCount];
    return { metric, window, ...written(is), previous: written(was), growth: growth(is.count, was.count) };
  });
  for (const { metric, part, whole } of ratios) {
    const [is, was] = [ratio(current[part], current[whole]), ratio(previous[part], previous[whole])];
    rows.push({ metric, value: rounded(is, 4), previous: rounded(was, 4), growth: growth(is, was) });
  }
  const [is, was] = [ratio(current[0], current[2]), ratio(previous[0], previous[2])];
  rows.push({
    metric: "stickiness",
    value: rounded(is === null ? null : is * 100, 2),
    previous: rounded(was === null ? null : was * 100, 2),
    growth: growth(is, was),
  });
  return rows;
}

function ratio(part: WindowCount | undefined, whole: WindowCount | undefined): number | null {
  if (part?.count == null || !whole?.count) return null;
  return part.count / whole.count;
}

function growth(is: number | null, was: number | null): number | null {
  return is === null || was === null ? null : percent(is - was, was);
}

function rounded(value: number | null, decimals: number): number | null {
  return value === null ? null : Number(value.toFixed(decimals));
}
