import { shardName } from "../objects/names.ts";
import { iso } from "../query/figures.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "./answer.ts";
import { checkEveryone, openQuestion } from "./query.ts";

/** `GET /v1/status`: the state of each part that serves the app: its roll-up and its shards. */
export async function getStatus(route: AppRouteContext): Promise<Response> {
  const { context, scope, ask } = await openQuestion(route, []);
  checkEveryone(scope);
  const { firstDay, alarmAt, ...rollup } = await ask((stub) => stub.status());
  const shards = await Promise.all(
    Array.from({ length: context.config.shardsEver }, (_, index) => shardRow(route, context.name, index)),
  );
  const rows = [
    { part: "rollup", state: "ok", ...rollup, firstDay: written(firstDay), alarmAt: written(alarmAt) },
    ...shards,
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
      state: "ok",
      ...status,
      alarmAt: written(alarmAt),
      lastPushAt: written(lastPushAt),
    };
  } catch {
    return { part: "shard", index, state: "unreachable" };
  }
}

function written(at: number | null): string | null {
  return at === null ? null : iso(at);
}
