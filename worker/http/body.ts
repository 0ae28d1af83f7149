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

/** A page sends JSON as `text/plain`: for other types its browser asks for leave first. */
export const jsonOrText = ["application/json", "text/plain"] as const;

/** Reads and checks a JSON body. Throws a `Refusal` with what was wrong and what would be right. */
export async function readBody<Value>(
  request: Request,
  { types, maxBytes, decode, reason = "malformed-body" }: BodyRules<Value>,
): Promise<Value> {
  checkMediaType(request, types);
  return orRefuse(decode(await readJson(request, maxBytes)), reason);
}

/** The media type of a request's body in lower case, without parameters; null where none is named. */
export function mediaType(request: Request): string | null {
  const [type] = (request.headers.get("content-type") ?? "").split(";", 1);
  return type?.trim().toLowerCase() || null;
}

/** Refuses a body that is compressed, or of a type that isn't among those allowed. */
export function checkMediaType(request: Request, allowed: readonly string[]): void {
  const type = mediaType(request);
  if (type !== null && !allowed.includes(type)) {
    throw new Refusal("unsupported-media-type", `expected ${allowed.join(" or ")}`);
  }
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new Refusal("unsupported-media-type", "expected a body without content-encoding");
  }
}

/** Reads JSON of at most `maxBytes`, of which it never holds more. */
async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let json = "";
  try {
    for await (const chunk of request.body ?? []) {
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
    throw new Refusal("malformed-body", "expected JSON in UTF-8");
  }
}
