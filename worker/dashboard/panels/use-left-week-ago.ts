import { useContext } from "preact/hooks";
import type { ActiveAnswer, Count } from "../../../sdk/answers.ts";
import { dateDaysAgo, dayAfter } from "../format.ts";
import { pathOf } from "../question.ts";
import { SessionContext } from "../session-context.ts";
import { useQuery } from "../use-query.ts";
import { difference } from "./difference.ts";

const hourMs = 3_600_000;
const weekMs = 168 * hourMs;
const refreshMs = 300_000;

/**
 * How many people of the period before hadn't come yet at this hour and weekday a week ago, or null while that isn't
 * known: what the running period is to be compared with.
 * @param period the first day of the running period, `YYYY-MM-DD`
 * @param days of a period
 */
export function useLeftWeekAgo(period: string | undefined, days: 1 | 7): Count | null {
  const { appZone, firstDate, view, isShared } = useContext(SessionContext);
  // Windows that old are kept by the hour.
  const to = Math.floor((Date.now() - weekMs) / hourMs) * hourMs;
  const start = dayAfter(period ?? "", -7);
  const before = dayAfter(start, -days);
  // In the first hour of a period nothing of it is over.
  const isKnown =
    // A shared view tells no other windows.
    !isShared &&
    period !== undefined &&
    firstDate !== "" &&
    before >= firstDate &&
    dateDaysAgo(0, appZone, to - 1) >= start;
  const ask = (from: string) => (isKnown ? pathOf("/v1/active", { from, to }, view.only) : null);
  const both = useQuery<ActiveAnswer>(ask(before), refreshMs);
  const later = useQuery<ActiveAnswer>(ask(start), refreshMs);
  const [all, part] = [both.data?.windows[0], later.data?.windows[0]];
  if (!isKnown || both.isStale || later.isStale || all === undefined || part === undefined) return null;
  return difference(all, part);
}
