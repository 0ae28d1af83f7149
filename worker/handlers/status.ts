import type { SocketReport } from "../live/open-sockets.ts";
import { shardName } from "../objects/names.ts";
import { iso } from "../query/figures.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "./answer.ts";
import { checkEveryone, openQuestion } from "./query.ts";

/**
 * `GET /v1/status`: the state of each part that serves the app: its roll-up, its shards, the gates with its sockets.
 * What a reader must know of the settings to ask, the zone of the days and the dimensions, is told with the roll-up.
 */
export async function getStatus(route: AppRouteContext): Promise<Response> {
  const { context, scope, ask } = await openQuestion(route, []);
  checkEveryone(scope);
  const { firstDay, alarmAt, ...rollup } = await ask((stub) => stub.status());
  const { timeZone, dimensions } = context.config.settings;
  const shards = await Promise.all(
    Array.from({ length: context.config.shardsEver }, (_, index) => shardRow(route, context.name, index)),
  );
  const gates = await ask((stub) => stub.socketReports());
  const rows = [
    {
      part: "rollup",
      state: "ok",
      ...rollup,
      firstDay: written(firstDay),
      alarmAt: written(alarmAt),
      timeZone,
      dimensions,
    },
    ...shards,
    ...(await Promise.all(gates.map((report) => gateRow(route, report)))),
  ];
  return answerRows(route, "status/1", "parts", rows);
}

/** A shard that doesn't answer is a state to show, not a failure of the question. */
async function shardRow(
  { env }: AppRouteContext,
  name: { app: string; keyId: number },
  index: number,
): Promise<Record<string, unknown>> {
  try {
    const { alarmAt, lastPushAt, ...status } = await env.SHARDS.getByName(shardName(name, index)).status();
    return {
      part: "shard",
      index,
      state: status.damagedRows > 0 ? "damaged" : "ok",
      ...status,
      alarmAt: written(alarmAt),
      lastPushAt: written(lastPushAt),
    };
  } catch {
    return { part: "shard", index, state: "unreachable" };
  }
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
