import { socketReportRepeatMs } from "../limits.ts";
import type { SocketReport } from "./open-sockets.ts";

/** What a gate last told about an app. */
export type ToldReport = Omit<SocketReport, "gate"> & { app: string };

/**
 * Which apps have to be told how many sockets are open: those where that has changed, those that have none any more,
 * and, now and then, all others, lest they take the gate for gone.
 */
export function dueReports(
  open: ReadonlyMap<string, number>,
  told: readonly ToldReport[],
  now: number,
): { app: string; open: number }[] {
  const last = new Map(told.map((report) => [report.app, report]));
  return [...new Set([...open.keys(), ...last.keys()])].flatMap((app) => {
    const [count, before] = [open.get(app) ?? 0, last.get(app)];
    const isDue = before === undefined || before.open !== count || now - before.at >= socketReportRepeatMs;
    return isDue ? [{ app, open: count }] : [];
  });
}
