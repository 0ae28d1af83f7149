import type { Result } from "../result.ts";
import { orRefuse, type Reason, Refusal } from "./problem.ts";
import type { Readings } from "./readings.ts";

/** A body that a route takes. */
export interface BodyRules<Value> {
  /** The media types that it may have; none at all is fine. */
  types: readonly string[];
  maxBytes: number;
  decode: (input: unknown) => Result<Value>;
  /** As what a body is refused that can be read and isn't right; as malformed where it isn't said. */
  reason?: Reason;
}

/**
 * As what JSON is sent. A page sends it as `text/plain`: for other types its browser asks for leave first. What `curl -d` sends
 * is called a form.
 */
export const jsonOrText = ["application/json", "text/plain", "application/x-www-form-urlencoded"] as const;

/**
 * Reads and checks a JSON body. Throws a `Refusal` with what was wrong and what would be right.
 *
 * @param readings where whoever sends it has shown no key yet
 */
export async function readBody<Value>(
  request: Request,
  rules: BodyRules<Value>,
  readings?: Readings,
): Promise<Value> {
  return decodeText(await readText(request, rules, readings), rules);
}

/** Reads the text of a body. Throws a `Refusal` where it is of another type, too large, too slow or not UTF-8. */
export async function readText(
  request: Request,
  { types, maxBytes }: Pick<BodyRules<unknown>, "types" | "maxBytes">,
  readings?: Readings,
): Promise<string> {
  checkMediaType(request, types);
  checkEncoding(request, []);
  const length = request.headers.get("content-length");
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  // What says how long it is is read in one piece: each piece of a stream is a turn of the event loop, which costs more than
  // all else that is done for a heartbeat.
  const reading =
    length === null ? textOf(request.body ?? [], maxBytes, notJson) : request.arrayBuffer().then(utf8Of);
  return readings === undefined ? reading : readings.wait(reading);
}

/** Checks a text of JSON. */
export function decodeText<Value>(
  text: string,
  { decode, reason = "malformed-body" }: BodyRules<Value>,
): Value {
  return orRefuse(decode(parse(text, notJson)), reason);
}

/** The media type of a request's body in lower case, without parameters; null where none is named. */
export function mediaType(request: Request): string | null {
  const [type] = (request.headers.get("content-type") ?? "").split(";", 1);
  return type?.trim().toLowerCase() || null;
}

/** Refuses a body of a type that isn't among those allowed. */
export function checkMediaType(request: Request, allowed: readonly string[]): void {
  const type = mediaType(request);
  if (type !== null && !allowed.includes(type)) {
    throw new Refusal("unsupported-media-type", `expected ${allowed.join(" or ")}`);
  }
}

/** The content encoding of a request's body, null where there is none. Refuses one that isn't among those allowed. */
export function checkEncoding(request: Request, allowed: readonly string[]): string | null {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return null;
  if (allowed.includes(encoding)) return encoding;
  throw new Refusal(
    "unsupported-media-type",
    `expected a body without content-encoding${allowed.length > 0 ? `, or with ${allowed.join(" or ")}` : ""}`,
  );
}

/**
 * Reads JSON of at most `maxBytes`, of which it never holds more.
 *
 * @param expected what to say of a body that is no JSON
 */
export async function readJson(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  expected: string,
): Promise<unknown> {
  return parse(await textOf(body, maxBytes, expected), expected);
}

const notJson = "expected JSON in UTF-8";

const utf8 = { fatal: true, ignoreBOM: false } as const;
const wholeBodies = new TextDecoder("utf-8", utf8);

function utf8Of(bytes: ArrayBuffer): string {
  try {
    return wholeBodies.decode(bytes);
  } catch {
    throw new Refusal("malformed-body", notJson);
  }
}

async function textOf(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  expected: string,
): Promise<string> {
  let text: string | null;
  try {
    text = await textWithin(body, maxBytes, new TextDecoder("utf-8", utf8));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("malformed-body", expected);
  }
  if (text === null) throw tooLarge(maxBytes);
  return text;
}

/** A body's text, or null where it is too long: then the rest is not read. Throws as the body or the decoder does. */
export async function textWithin(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  decoder: TextDecoder,
): Promise<string | null> {
  let [text, bytes] = ["", 0];
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the input, which may hold somebody's id.
    throw new Refusal("malformed-body", expected);
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("body-too-large", `expected at most ${maxBytes} bytes: send several smaller requests`);
}
