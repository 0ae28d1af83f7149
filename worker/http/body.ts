import { Refusal } from "./problem.ts";

/** The media type of a request's body in lower case, without parameters; null where none is named. */
export function mediaType(request: Request): string | null {
  const [type] = (request.headers.get("content-type") ?? "").split(";", 1);
  return type?.trim().toLowerCase() || null;
}

/** Refuses a body that is compressed, or of a type that isn't among those allowed; no type at all is fine. */
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

/** Reads a JSON body of at most `maxBytes`, of which it never holds more. Throws a `Refusal` with what was wrong. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
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
