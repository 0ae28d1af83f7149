import type { EngagementAnswer, EngagementRow, RatioRow } from "../../sdk/wire.ts";
import { nested } from "../counting/nested.ts";
import type { RollupState, Scope, WindowCount } from "../counting/rollup-state.ts";
import { atOnce, type Turns } from "../counting/turns.ts";
import { dayMs } from "../limits.ts";
import { percent, told } from "./figures.ts";
import {
  growthOfRatio,
  growthOfWindow,
  ratioOfWindows,
  shareOfWindow,
  sketched,
  type SketchedWindow,
} from "./window-ratios.ts";
import { written } from "./window-rows.ts";

export const engagementDefinition = "engagement/1";

const windows = [
  { metric: "dau", window: "24h", days: 1 },
  { metric: "wau", window: "7d", days: 7 },
  { metric: "mau", window: "30d", days: 30 },
] as const;

const share = { scale: 1, decimals: 4 };
const perCent = { scale: 100, decimals: 2 };
const ratios = [
  { metric: "dauWau", part: 0, whole: 1, unit: share },
  { metric: "dauMau", part: 0, whole: 2, unit: share },
  { metric: "wauMau", part: 1, whole: 2, unit: share },
  { metric: "stickiness", part: 0, whole: 2, unit: perCent },
] as const;

/**
 * Rolling active users, their ratios and stickiness (DAU over MAU in per cent), each beside the period before: the
 * window of the same length that ended when this one began, and the ratio of those.
 */
export function engagement(state: RollupState, scope: Scope, now: number): EngagementAnswer["metrics"] {
  return atOnce(engagementTurns(state, scope, now));
}

/** `engagement`, in turns where it is split. */
export function* engagementTurns(
  state: RollupState,
  scope: Scope,
  now: number,
): Turns<EngagementAnswer["metrics"]> {
  const running: WindowCount[] = [];
  const previous: WindowCount[] = [];
  for (const { days } of windows) {
    const middle = now - days * dayMs;
    running.push(yield* state.counting(middle, now, now, scope, "between"));
    previous.push(yield* state.counting(middle - days * dayMs, middle, now, scope, "between"));
  }
  const current = nested(running);
  const [are, were] = [current, previous].map((counts) =>
    counts.map((counted) => sketched(state, counted, scope, now)),
  ) as [SketchedWindow[], SketchedWindow[]];
  /** A window that begins before the first activity is no measure for the next one. */
  const isYoung = windows.map(({ days }) => now - 2 * days * dayMs < (state.firstDay() ?? Infinity));
  const rows: (EngagementRow | RatioRow)[] = windows.map(({ metric, window }, index) => {
    const [is, was] = [are[index] as SketchedWindow, were[index] as SketchedWindow];
    const reason =
      is.counted.reason ??
      was.counted.reason ??
      (isYoung[index] ? young : "nobody was active in the previous window");
    return {
      metric,
      window,
      ...written(is.counted),
      previous: written(was.counted),
      growth: isYoung[index] ? null : growth(is.counted.count, was.counted.count),
      growthInterval: told(isYoung[index] ? null : growthOfWindow(is, was), { reason }),
    };
  });
  for (const { metric, part, whole, unit } of ratios) {
    const [partIs, wholeIs] = [are[part] as SketchedWindow, are[whole] as SketchedWindow];
    const [partWas, wholeWas] = [were[part] as SketchedWindow, were[whole] as SketchedWindow];
    const [is, was] = [ratio(partIs.counted, wholeIs.counted), ratio(partWas.counted, wholeWas.counted)];
    const [within, before] = [shareOfWindow(partIs, wholeIs), ratioOfWindows(partWas, wholeWas)];
    const [reason, reasonBefore] = [wholeIs.counted.reason, wholeWas.counted.reason];
    rows.push({
      metric,
      value: rounded(is, unit),
      interval: told(within, { ...unit, reason }),
      previous: rounded(was, unit),
      previousInterval: told(before, { ...unit, reason: reasonBefore }),
      growth: isYoung[whole] ? null : growth(is, was),
      growthInterval: told(isYoung[whole] ? null : growthOfRatio(within, before), {
        reason: reason ?? reasonBefore ?? (isYoung[whole] ? young : nearNobody),
      }),
    });
  }
  return rows;
}

const young = "the previous window begins before the first activity";
const nearNobody = "one of the two counts can't be told from 0";

function ratio(part: WindowCount | undefined, whole: WindowCount | undefined): number | null {
  if (part?.count == null || !whole?.count) return null;
  return part.count / whole.count;
}

function growth(is: number | null, was: number | null): number | null {
  return is === null || was === null ? null : percent(is - was, was);
}

function rounded(value: number | null, { scale, decimals }: typeof share): number | null {
  return value === null ? null : Number((value * scale).toFixed(decimals));
}
