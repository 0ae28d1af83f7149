import { openApiDocument } from "../schemas/openapi-document.ts";

/** `GET /openapi.json`: what each route takes and gives. */
export function getOpenApi(): Response {
  return Response.json(openApiDocument(), { headers: { "cache-control": "public, max-age=3600" } });
}
