import type { Settings } from "../counting/settings.ts";
import type { SocketReport } from "../live/open-sockets.ts";
import type { Rollup } from "../objects/rollup.ts";
import type { ShardStatus } from "../objects/shard.ts";
import { iso } from "../query/figures.ts";
import { choiceIn } from "../query/members.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "../http/answer-rows.ts";
import { checkEveryone, openQuestion } from "../app/question.ts";
import { shardStates } from "../app/all-shards.ts";

/**
 * `GET /v1/status`: the state of each part that serves the app: its roll-up, its shards, the gates with its sockets;
 * or of one kind of them, by `part`.
 * What a reader must know of the settings to ask, the zone of the days and the dimensions, is told with the roll-up.
 */
export async function getStatus(route: AppRouteContext): Promise<Response> {
  const { context, scope, ask } = await openQuestion(route, ["part"]);
  checkEveryone(scope);
  const part = choiceIn(route.url.searchParams, "part", ["all", "rollup", "shard", "gate"]);
  const rows: unknown[] = [];
  if (part === "all" || part === "rollup") {
    const { timeZone, dimensions } = context.config.settings;
    rows.push(rollupRow(await ask((stub) => stub.status()), { timeZone, dimensions }));
  }
  if (part === "all" || part === "shard") rows.push(...(await shardStates(route.env, context)).map(shardRow));
  if (part === "all" || part === "gate") {
    const reports = await ask((stub) => stub.socketReports());
    rows.push(...(await Promise.all(reports.map((report) => gateRow(route, report)))));
  }
  return answerRows(route, "status/1", "parts", rows);
}

function rollupRow(
  { firstDay, alarmAt, ...status }: Awaited<ReturnType<Rollup["status"]>>,
  settings: Pick<Settings, "timeZone" | "dimensions">,
): Record<string, unknown> {
  const times = { firstDay: written(firstDay), alarmAt: written(alarmAt) };
  return { part: "rollup", state: "ok", ...status, ...times, ...settings };
}

/** A shard that doesn't answer is a state to show, not a failure of the question. */
function shardRow(state: ShardStatus | null, index: number): Record<string, unknown> {
  if (state === null) return { part: "shard", index, state: "unreachable" };
  const times = { alarmAt: written(state.alarmAt), lastPushAt: written(state.lastPushAt) };
  return { part: "shard", index, state: state.damagedRows > 0 ? "damaged" : "ok", ...state, ...times };
}

/** A gate serves all apps: `sockets` are this app's, all else is the gate's; asking wakes it. */
async function gateRow(
  { env }: AppRouteContext,
  { gate, open, at }: SocketReport,
): Promise<Record<string, unknown>> {
  const row = { part: "gate", gate, sockets: open, reportedAt: iso(at) };
  try {
    const { alarmAt, awakeSince, sockets: allSockets, ...wakes } = await env.GATES.getByName(gate).status();
    return {
      ...row,
      state: "ok",
      allSockets,
      ...wakes,
      awakeSince: iso(awakeSince),
      alarmAt: written(alarmAt),
    };
  } catch {
    return { ...row, state: "unreachable" };
  }
}

function written(at: number | null): string | null {
  return at === null ? null : iso(at);
}
