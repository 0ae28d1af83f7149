import { openApiDocument } from "../worker/schemas/openapi-document.ts";

/** What is read of a JSON Schema; zod writes no other keyword that a reader would miss. */
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | false;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
}

type Content = Record<string, { schema?: Schema }>;

interface Operation {
  summary: string;
  description?: string;
  parameters: { name: string; description: string }[];
  requestBody?: { content: Content };
  responses: Record<string, { content: Content }>;
}

/** The API reference as one HTML page without scripts, made from the OpenAPI document. */
export function apiReferencePage(styleHref: string): string {
  const paths = openApiDocument()["paths"] as Record<string, Record<string, Operation>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  const list = operations.map(({ name }) => `<li><a href="#${idOf(name)}">${escaped(name)}</a></li>`);
  const sections = operations.map(({ name, operation }) => sectionOf(name, operation));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Headcount API reference</title>
<link rel="stylesheet" href="${styleHref}">
</head>
<body>
<nav aria-label="Operations"><ul>
${list.join("\n")}
</ul></nav>
<main>
<h1>Headcount API reference</h1>
<p>Send a key as <code>Authorization: Bearer …</code> where an operation names one. Times are Unix milliseconds or
ISO 8601 with a zone; days are days of the app's time zone. In a body, <code>?</code> marks what may be absent.
The same for machines: <a href="/openapi.json">openapi.json</a>.</p>
<p>Every error is a problem document (RFC 9457, <code>application/problem+json</code>). Its <code>detail</code> says
what was wrong. A request that was answered 503 is safe to send again after <code>Retry-After</code> seconds.</p>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function sectionOf(name: string, { summary, description, parameters, requestBody, responses }: Operation) {
  const rows = parameters.map(
    (one) => `<tr><td><code>${escaped(one.name)}</code></td><td>${escaped(one.description)}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ""
      : `<h3>Query</h3><table><thead><tr><th>Name</th><th>Value</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  const answers = Object.entries(responses).filter(([status]) => status !== "default");
  return `<section id="${idOf(name)}">
<h2><a href="#${idOf(name)}">${escaped(name)}</a></h2>
<p>${escaped(summary)}.${description === undefined ? "" : ` ${escaped(description)}`}</p>
${table}${requestBody === undefined ? "" : `<h3>Body</h3>${bodiesOf(requestBody.content)}`}
${answers.map(([status, { content }]) => `<h3>Answer ${status}</h3>${bodiesOf(content)}`).join("\n")}
</section>`;
}

/** Media types that share a schema are shown together. */
function bodiesOf(content: Content): string {
  const typesOf = new Map<string, string[]>();
  for (const [type, { schema }] of Object.entries(content)) {
    const text = schema === undefined || schema.type === "string" ? "" : notationOf(schema, "");
    typesOf.set(text, [...(typesOf.get(text) ?? []), type]);
  }
  return Array.from(typesOf, ([text, types]) => {
    const names = `<p>${types.map((type) => `<code>${escaped(type)}</code>`).join(", ")}</p>`;
    return text === "" ? names : `${names}<pre tabindex="0">${escaped(text)}</pre>`;
  }).join("");
}

/** A schema in the notation of TypeScript, with its bounds in parentheses. */
function notationOf(schema: Schema, indent: string): string {
  const { properties, required = [], additionalProperties, items } = schema;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map((one) => notationOf(one, indent)))].join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (items) {
    const item = notationOf(items, indent);
    return `${item.includes(" | ") && !item.startsWith("{") ? `(${item})` : item}[]${boundsOf(schema)}`;
  }
  if (properties || additionalProperties) {
    const inner = `${indent}  `;
    const members = Object.entries(properties ?? {}).map(
      ([name, member]) => `${name}${required.includes(name) ? "" : "?"}: ${notationOf(member, inner)}`,
    );
    if (additionalProperties && Object.keys(additionalProperties).length > 0) {
      members.push(`[name]: ${notationOf(additionalProperties, inner)}`);
    }
    if (members.length === 0) return "object";
    return `{\n${members.map((member) => `${inner}${member}\n`).join("")}${indent}}`;
  }
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  return `${types?.join(" | ") ?? "any"}${boundsOf(schema)}`;
}

function boundsOf(schema: Schema): string {
  const { minLength, maxLength, minItems, maxItems, format } = schema;
  // What JavaScript can hold is no bound of ours.
  const maximum = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  const minimum = schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum;
  const bounds = [
    format,
    between(minimum, maximum, ""),
    between(minLength, maxLength, " characters"),
    between(minItems, maxItems, " items"),
  ].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
}

function between(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  if (most === undefined) return least === undefined ? undefined : `${least} or more${unit}`;
  return least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
