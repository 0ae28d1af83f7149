import { type OnlineAnswer, slotMs } from "../../sdk/wire.ts";
import { type PreparedAnswer, prepareAnswer } from "../app/answer.ts";
import { openQuestion } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { onlineDefinition, windowRows } from "../query/window-rows.ts";

/** `GET /v1/online`: people active in the last five minutes, and the open sockets. */
export async function getOnline(route: AppRouteContext): Promise<PreparedAnswer> {
  const { app, now } = route;
  const scope = await openQuestion(route, ["by"]);
  const span = { window: "5m", from: now - slotMs, to: now, edges: "between" as const };
  const { counts, sockets } = await app.rollup((rollup) => rollup.online(span, now, scope));
  const windows = windowRows([span], counts);
  return prepareAnswer<OnlineAnswer>(route, { definition: onlineDefinition, windows, sockets });
}
