import { readCsv } from "../../worker/http/csv.ts";
import { readLines } from "../../worker/http/lines.ts";
import { readInstant } from "../../worker/instant.ts";
import { maxLineBytes } from "../../worker/limits.ts";
import { ok, refused, type Result } from "../../worker/result.ts";
import type { SeenSource } from "./seen.ts";

/** The columns of SuperTokens' table `user_last_active`, in its order. */
const columns = ["app_id", "user_id", "last_active_time"];
const copyOf = /^COPY\s+\S*user_last_active\S*\s*\(([^)]*)\)\s+FROM stdin;$/i;

/**
 * SuperTokens' `user_last_active`: CSV as `\copy … with csv` of psql writes it, with a header line or without; PostgreSQL's
 * COPY text; or that inside what `pg_dump` writes, whatever else is in it.
 *
 * @param app the SuperTokens app whose users are meant
 */
export async function* seenInSuperTokens(source: AsyncIterable<Uint8Array>, app: string): SeenSource {
  const bytes = source[Symbol.asyncIterator]();
  const first = await bytes.next();
  const whole = (async function* () {
    if (first.done !== true) yield first.value;
    yield* { [Symbol.asyncIterator]: () => bytes };
  })();
  const start = first.done === true ? "" : new TextDecoder().decode(first.value);
  const [line = ""] = start.split("\n", 1);
  yield* line.includes(",") && !line.includes("\t") && !isDump(line) ? inCsv(whole, app) : inText(whole, app);
}

function isDump(line: string): boolean {
  return line === "" || line.startsWith("--") || copyOf.test(line);
}

async function* inCsv(source: AsyncIterable<Uint8Array>, app: string): SeenSource {
  let order = columns;
  let isFirst = true;
  for await (const records of readCsv(source, maxLineBytes)) {
    for (const record of records) {
      const { line } = record;
      if ("error" in record) yield { line, ...refused(record.error) };
      else if (isFirst && record.fields.includes("user_id")) order = record.fields;
      else yield { line, ...seenIn(record.fields, order, app) };
      isFirst = false;
    }
  }
}

async function* inText(source: AsyncIterable<Uint8Array>, app: string): SeenSource {
  let order: string[] | null = columns;
  let isFirst = true;
  for await (const lines of readLines(source, maxLineBytes)) {
    for (const read of lines) {
      const text = "text" in read ? read.text.replace(/\r$/, "") : "";
      if (isFirst && isDump(text)) order = null;
      isFirst = false;
      const [, named] = copyOf.exec(text) ?? [];
      if (named !== undefined) order = named.split(",").map((name) => name.trim().replaceAll('"', ""));
      else if (text === "\\.") order = null;
      else if (order !== null) yield { line: read.line, ...recordIn(read, text, order, app) };
    }
  }
}

function recordIn(
  read: { error: string } | { text: string },
  text: string,
  order: readonly string[],
  app: string,
): Result<{ user: string; at: number } | null> {
  return "error" in read ? refused(read.error) : seenIn(text.split("\t").map(unescaped), order, app);
}

function seenIn(
  fields: readonly (string | null)[],
  order: readonly string[],
  app: string,
): Result<{ user: string; at: number } | null> {
  if (fields.length !== order.length) {
    return refused(`expected ${order.length} fields: ${order.join(", ")}`);
  }
  const field = (name: string) => fields[order.indexOf(name)] ?? null;
  if (order.includes("app_id") && field("app_id")?.trim() !== app) return ok(null);
  const user = field("user_id");
  if (user === null) return refused("user_id: expected a string");
  const at = readInstant(field("last_active_time"));
  return at.ok ? ok({ user: user.trimEnd(), at: at.value }) : refused(`last_active_time: ${at.error}`);
}

const escapes: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** A field of COPY's text format (PostgreSQL's manual, COPY, "Text Format"); null where it is `\N`. */
function unescaped(field: string): string | null {
  if (field === "\\N") return null;
  if (!field.includes("\\")) return field;
  // Escapes of numbers are of bytes, several of which may be one character.
  const bytes: Uint8Array[] = [];
  const piece = /\\x([0-9a-fA-F]{1,2})|\\([0-7]{1,3})|\\([^])|([^\\]+)|\\$/g;
  for (const [whole, hex, octal, escaped, plain] of field.matchAll(piece)) {
    if (hex !== undefined) bytes.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (octal !== undefined) bytes.push(Uint8Array.of(Number.parseInt(octal, 8) & 255));
    else bytes.push(Buffer.from(escaped === undefined ? (plain ?? whole) : (escapes[escaped] ?? escaped)));
  }
  return Buffer.concat(bytes).toString();
}
