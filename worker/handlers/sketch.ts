import { hex } from "../bytes.ts";
import type { SketchAnswer } from "../../sdk/wire.ts";
import { answerWith } from "../app/answer.ts";
import { openQuestion, seriesIn } from "../app/question.ts";
import type { AppRouteContext } from "../app/route-context.ts";
import { orRefuse, Refusal } from "../http/problem.ts";
import { calendarPeriodIn, choiceIn } from "../query/members.ts";
import { iso } from "../query/figures.ts";
import {
  countOf,
  decode,
  type HyperLogLog,
  toBigQuery,
  toDataSketches,
  toPostgres,
  toRedis,
  toTrino,
} from "../sketch/index.ts";

const sketchDefinition = "sketch/1";

/**
 * `GET /v1/sketch`: a day's sketch for a warehouse. With `part=removed` those who were linked away or excluded: who
 * unites days must unite those too and take the one count from the other.
 */
export async function getSketch(route: AppRouteContext): Promise<Response> {
  const { url, now, app } = route;
  const query = url.searchParams;
  const scope = await openQuestion(route, ["day", "format", "part"]);
  const format = orRefuse(
    choiceIn(query, "format", ["redis", "postgres", "datasketches", "trino", "bigquery", "json"]),
    "invalid-query",
  );
  const part = orRefuse(choiceIn(query, "part", ["added", "removed"]), "invalid-query");
  const date = query.get("day") ?? "";
  const { from, to } = orRefuse(calendarPeriodIn("day", "day", date, app.calendar), "invalid-query");
  if (from >= now) throw new Refusal("invalid-query", "day: expected a day that has begun");
  const answer = await app.rollup((rollup) => rollup.sketch(from, to, now, seriesIn(scope), part));
  if (answer.sketch === null)
    throw new Refusal("not-found", answer.reason ?? "no sketch exists for that day");
  const sketch = decode(answer.sketch);
  const headers = {
    "cache-control": "private, no-cache",
    "x-headcount-period": `${iso(answer.from)}/${iso(answer.to)}`,
  };
  switch (format) {
    case "redis":
      return binary(toRedis(sketch), `${app.name.app}-${date}.hyll`, headers);
    case "datasketches":
      return binary(toDataSketches(sketch), `${app.name.app}-${date}.hll8`, headers);
    case "trino":
      return binary(toTrino(sketch), `${app.name.app}-${date}.airlift`, headers);
    case "bigquery":
      return binary(toBigQuery(sketch), `${app.name.app}-${date}.zetasketch`, headers);
    case "postgres":
      return new Response(`\\x${hex(toPostgres(sketch))}`, {
        headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
      });
    case "json": {
      const period = { day: date, part, from: iso(answer.from), to: iso(answer.to) };
      const sketches = [{ ...period, ...plain(sketch) }];
      return answerWith<SketchAnswer>(route, { definition: sketchDefinition, sketches });
    }
  }
}

function binary(bytes: Uint8Array<ArrayBuffer>, filename: string, headers: Record<string, string>): Response {
  return new Response(bytes, {
    headers: {
      ...headers,
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${filename}"`,
    },
  });
}

/** The sketch in plain numbers: its entries while they are few, else its registers. */
function plain(sketch: HyperLogLog) {
  return {
    ...countOf(sketch),
    precision: 14 as const,
    hash: "siphash-2-4" as const,
    keyId: sketch.keyId.toString(16).padStart(8, "0"),
    ...(sketch.isSparse ? { entries: [...sketch.entries()] } : { registers: [...sketch.registers()] }),
  };
}
