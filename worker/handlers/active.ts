import type { ActiveAnswer } from "../../sdk/wire.ts";
import { type PreparedAnswer, prepareAnswer } from "../app/answer.ts";
import { openQuestion } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { orRefuse } from "../http/problem.ts";
import { maxBeatAgeMs } from "../limits.ts";
import { askedWindows } from "../query/asked-windows.ts";
import { activeDefinition, windowRows } from "../query/window-rows.ts";

const members = ["window", "since", "from", "to", "period", "date", "by"];

/** `GET /v1/active`: how many people were active, in one or several windows. */
export async function getActive(route: AppRouteContext): Promise<PreparedAnswer> {
  const { url, app, now } = route;
  const asked = orRefuse(askedWindows(url.searchParams, now, app.calendar), "invalid-query");
  const scope = await openQuestion(route, members, asked.length);
  const counts = await app.rollup((rollup) => rollup.count(asked, now, scope));
  const isClosed = counts.every(({ to, reason }) => to < now - maxBeatAgeMs && reason === undefined);
  const windows = windowRows(asked, counts);
  return prepareAnswer<ActiveAnswer>(route, { definition: activeDefinition, windows }, isClosed);
}
