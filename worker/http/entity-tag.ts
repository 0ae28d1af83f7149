import { hex } from "../bytes.ts";

/** The strong entity tag of some content (RFC 9110, section 8.8.3). */
export async function entityTag(content: Uint8Array | ArrayBuffer): Promise<string> {
  return `"${hex(new Uint8Array(await crypto.subtle.digest("SHA-256", content), 0, 12))}"`;
}

/** Whether whoever asks already has what the tag stands for, and is to be answered 304. */
export function isKnown({ headers }: Request, etag: string): boolean {
  const known = (headers.get("if-none-match") ?? "").split(",");
  return known.map((tag) => tag.trim().replace(/^W\//, "")).some((tag) => tag === etag || tag === "*");
}
