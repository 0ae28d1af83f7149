import type { AnnotationsAnswer } from "../../sdk/wire.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { answerWith } from "../app/answer.ts";
import { checkEveryone, openQuestion } from "../app/question.ts";
import { jsonOrText, readBody } from "../http/body.ts";
import { Refusal } from "../http/problem.ts";
import { maxAnnotationBytes } from "../limits.ts";
import { decodeAnnotation, decodeAnnotationDay } from "../schemas/annotation-schema.ts";

const rules = { types: jsonOrText, maxBytes: maxAnnotationBytes };

/** `GET /v1/annotations`: what was noted of days, the oldest first. */
export async function getAnnotations(route: AppRouteContext): Promise<Response> {
  checkEveryone(await openQuestion(route, []));
  const annotations = await route.app.rollup((rollup) => rollup.annotations());
  return answerWith<AnnotationsAnswer>(route, { definition: "annotations/1", annotations });
}

/** `PUT /v1/annotations`: notes a text of a day, in place of what it had. */
export async function putAnnotation({ request, app }: AppRouteContext): Promise<Response> {
  const annotation = await readBody(request, { ...rules, decode: decodeAnnotation });
  const complaint = await app.rollup((rollup) => rollup.putAnnotation(annotation));
  if (complaint !== null) throw new Refusal("full", complaint);
  return Response.json(annotation);
}

/** `DELETE /v1/annotations`: a day has no annotation from now on, whether it had one or not. */
export async function deleteAnnotation({ request, app }: AppRouteContext): Promise<Response> {
  const { day } = await readBody(request, { ...rules, decode: decodeAnnotationDay });
  await app.rollup((rollup) => rollup.removeAnnotation(day));
  return Response.json({ deleted: true });
}
