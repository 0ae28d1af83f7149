import type { Result } from "../result.ts";
import { orRefuse, type Reason, Refusal } from "./problem.ts";

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

/** Reads and checks a JSON body. Throws a `Refusal` with what was wrong and what would be right. */
export async function readBody<Value>(
  request: Request,
  { types, maxBytes, decode, reason = "malformed-body" }: BodyRules<Value>,
): Promise<Value> {
  checkMediaType(request, types);
  checkEncoding(request, []);
  return orRefuse(decode(await readJson(request.body ?? [], maxBytes)), reason);
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
  expected = "expected JSON in UTF-8",
): Promise<unknown> {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let json = "";
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new Refusal("body-too-large", `expected at most ${maxBytes} bytes: send several smaller ones`);
      }
      json += text.decode(chunk, { stream: true });
    }
    return JSON.parse(json + text.decode());
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // The parser's own words quote the input, which may hold somebody's id.
    throw new Refusal("malformed-body", expected);
  }
}
