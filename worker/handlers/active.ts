import { maxBeatAgeMs } from "../limits.ts";
import { activeDefinition, activeRows, askedWindows } from "../query/asked-windows.ts";
import type { AppRouteContext } from "../routes.ts";
import { answerRows } from "../http/answer-rows.ts";
import { openQuestion } from "../app/question.ts";

const members = ["window", "since", "from", "to", "period", "date", "by"];

/** `GET /v1/active`: how many people were active, in one or several windows. */
export async function getActive(route: AppRouteContext): Promise<Response> {
  const { url, now } = route;
  const { context, scope, ask } = await openQuestion(route, members);
  const asked = askedWindows(url.searchParams, now, context.calendar);
  const counts = await ask((rollup) => rollup.count(asked, now, scope));
  const isClosed = counts.every(({ to, reason }) => to < now - maxBeatAgeMs && reason === undefined);
  return answerRows(route, activeDefinition, "windows", activeRows(asked, counts), isClosed);
}
