import { encodeBase64, utf8 } from "../bytes.ts";

/**
 * The headers by which a receiver knows who sent a message, that it was not changed, and that it is not an old one sent again:
 * those of Standard Webhooks (https://www.standardwebhooks.com), with HMAC-SHA256.
 *
 * @param now Unix milliseconds
 */
export async function signatureHeaders(
  key: Uint8Array<ArrayBuffer>,
  { id, body }: { id: string; body: string },
  now: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", hmac, utf8(`${id}.${timestamp}.${body}`));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${encodeBase64(new Uint8Array(signature))}`,
  };
}
