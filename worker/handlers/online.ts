import { slotMs } from "../../sdk/wire.ts";
import { activeRows, onlineDefinition } from "../query/asked-windows.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "../http/answer-rows.ts";
import { openQuestion } from "../app/question.ts";

/** `GET /v1/online`: people active in the last five minutes, and the open sockets. */
export async function getOnline(route: AppRouteContext): Promise<Response> {
  const { now } = route;
  const { scope, ask } = await openQuestion(route, ["by"]);
  const span = { window: "5m", from: now - slotMs, to: now };
  const { counts, sockets } = await ask((rollup) => rollup.online(span, now, scope));
  return answerRows(route, onlineDefinition, "windows", activeRows([span], counts), false, { sockets });
}
