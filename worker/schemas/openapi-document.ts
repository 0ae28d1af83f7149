import * as z from "zod";
import { responses } from "./answer-schemas.ts";
import { type Operation, operations } from "./operations.ts";

/** The OpenAPI 3.1 document, made from the very schemas that validate. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [key, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = key.split(" ");
    (paths[path] ??= {})[method.toLowerCase()] = written(operation);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Headcount", version: "1" },
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "hc_read_… or hc_secret_…" },
        view: { type: "http", scheme: "bearer", description: "hc_view_…, of POST /v1/share" },
        service: { type: "http", scheme: "bearer", description: "HEADCOUNT_SECRET" },
      },
    },
  };
}

function written(operation: Operation) {
  const { summary, roles, isForService, isForViews, query = {}, request, response, status = 200 } = operation;
  return {
    summary,
    ...(roles && { security: [{ key: [] }], description: `Key: ${roles.join(" or ")}.` }),
    ...(isForService && { security: [{ service: [] }], description: "Bearer: HEADCOUNT_SECRET." }),
    ...(isForViews && { security: [{ view: [] }], description: "Bearer: the token of a shared view." }),
    parameters: Object.entries(query).map(([name, description]) => ({
      name,
      in: "query",
      description,
      schema: { type: "string" },
    })),
    ...(request && { requestBody: { required: true, content: contentOf(request, "input") } }),
    responses: {
      [status]: { description: "Done", content: contentOf(response, "output") },
      default: {
        description: "A problem document (RFC 9457)",
        content: contentOf({ "application/problem+json": responses.problem }, "output"),
      },
    },
  };
}

function contentOf(types: Record<string, z.ZodType | null>, io: "input" | "output") {
  return Object.fromEntries(
    Object.entries(types).map(([type, schema]) => [
      type,
      schema === null ? {} : { schema: z.toJSONSchema(schema, { io }) },
    ]),
  );
}
