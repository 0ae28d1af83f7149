import type { StatusAnswer, StatusRow, WebhookRow } from "../../sdk/wire.ts";
import { shardStates } from "../app/all-shards.ts";
import { answerWith } from "../app/answer.ts";
import { checkEveryone, openQuestion } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import type { App } from "../app/app.ts";
import type { Outcome } from "../counting/deliveries.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import type { SocketReport } from "../live/open-sockets.ts";
import { iso } from "../query/figures.ts";
import { choiceIn } from "../query/members.ts";
import type { RollupStatus, ShardStatus } from "../rpc.ts";

type RollupRow = Extract<StatusRow, { part: "rollup" }>;

/**
 * `GET /v1/status`: the state of each part that serves the app: its roll-up, its shards, the gates with its sockets;
 * or of one kind of them, by `part`.
 * What a reader must know of the settings to ask, the zone of the days and the dimensions, is told with the roll-up.
 */
export async function getStatus(route: AppRouteContext): Promise<Response> {
  const { app, url } = route;
  checkEveryone(await openQuestion(route, ["part"]));
  const part = orRefuse(
    choiceIn(url.searchParams, "part", ["all", "rollup", "shard", "gate"]),
    "invalid-query",
  );
  const parts: StatusRow[] = [];
  if (part === "all" || part === "rollup") {
    const row = await rollupRow(app);
    parts.push({ ...row, ...unfilled(route) });
  }
  if (part === "all" || part === "shard") parts.push(...(await shardStates(app)).map(shardRow));
  if (part === "all" || part === "gate") {
    const reports = await app.rollup((rollup) => rollup.socketReports());
    parts.push(...(await Promise.all(reports.map((report) => gateRow(route, report)))));
  }
  return answerWith<StatusAnswer>(route, { definition: "status/1", parts });
}

/** Declared dimensions that the edge fills elsewhere, and why it doesn't here. */
function unfilled({ app, isolate, request }: AppRouteContext): Pick<RollupRow, "unfilled"> {
  const isTold = Boolean(isolate.env.COUNTRY_HEADER) || typeof request.cf?.country === "string";
  if (isTold || !app.settings.dimensions.includes("country")) return {};
  const reason =
    "nothing sets the country: set HEADCOUNT_COUNTRY_HEADER to the header in which your proxy passes it, or send country with beats";
  return { unfilled: [{ dimension: "country", reason }] };
}

/** What a roll-up that can't be read is like is a state to show too. */
async function rollupRow(app: App): Promise<RollupRow> {
  const { timeZone, dimensions } = app.settings;
  let status: RollupStatus;
  try {
    status = await app.rollup((rollup) => rollup.status());
  } catch (error) {
    if (!(error instanceof Refusal) || error.members["state"] !== "damaged") throw error;
    return { part: "rollup", state: "damaged", firstDay: null, timeZone, dimensions };
  }
  const { firstDay, alarmAt, webhooks = [], ...counts } = status;
  const times = { firstDay: written(firstDay), alarmAt: written(alarmAt) };
  const row = { part: "rollup" as const, state: "ok" as const, ...counts, ...times, timeZone, dimensions };
  return webhooks.length === 0 ? row : { ...row, webhooks: webhooks.map(webhookRow) };
}

function webhookRow({ origin, outcome }: { origin: string; outcome: Outcome | null }): WebhookRow {
  if (outcome === null) {
    return { origin, state: "unused", event: null, at: null, reason: null, nextAt: null };
  }
  const { at, nextAt, ...rest } = outcome;
  return { origin, ...rest, at: iso(at), nextAt: written(nextAt) };
}

/** A shard that doesn't answer is a state to show, not a failure of the question. */
function shardRow(state: ShardStatus | null, index: number): StatusRow {
  if (state === null) return { part: "shard", index, state: "unreachable" };
  const times = { alarmAt: written(state.alarmAt), lastPushAt: written(state.lastPushAt) };
  return { part: "shard", index, state: state.damagedRows > 0 ? "damaged" : "ok", ...state, ...times };
}

/** A gate serves all apps: `sockets` are this app's, all else is the gate's; asking wakes it. */
async function gateRow({ isolate }: AppRouteContext, { gate, open, at }: SocketReport): Promise<StatusRow> {
  const row = { part: "gate" as const, gate, sockets: open, reportedAt: iso(at) };
  try {
    const status = await isolate.env.GATES.getByName(gate).status();
    const { alarmAt, awakeSince, sockets: allSockets, ...wakes } = status;
    const times = { awakeSince: iso(awakeSince), alarmAt: written(alarmAt) };
    return { ...row, state: "ok", allSockets, ...wakes, ...times };
  } catch {
    return { ...row, state: "unreachable" };
  }
}

function written(at: number | null): string | null {
  return at === null ? null : iso(at);
}
