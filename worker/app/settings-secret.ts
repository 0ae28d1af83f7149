import { decodeBase64Url, encodeBase64Url, utf8 } from "../bytes.ts";
import { Refusal } from "../http/problem.ts";
import { seal, unseal } from "../tokens/seal.ts";
import type { KeyRing } from "./keys.ts";

/** Whose secrets are sealed. */
export interface Sealing {
  ring: KeyRing;
  name: { app: string };
}

const purpose = "headcount/settings/1";

/** A secret of the app's settings, as it may be stored. */
export async function sealSecret({ ring, name }: Sealing, secret: string, now: number): Promise<string> {
  return encodeBase64Url(await seal(await ring.sealingKey(name.app, "settings"), purpose, utf8(secret), now));
}

/**
 * What `sealSecret` sealed. Throws a `Refusal` where that was under another `HEADCOUNT_SECRET`.
 *
 * @param what which secret it is, in words
 */
export async function openSecret(
  { ring, name }: Sealing,
  sealed: string,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = decodeBase64Url(sealed) ?? new Uint8Array();
  const opened = await unseal(await ring.sealingKey(name.app, "settings"), purpose, bytes);
  if (opened === null) {
    throw new Refusal("unavailable", `the ${what} was stored under another HEADCOUNT_SECRET: set it again`, {
      "retry-after": "60",
    });
  }
  return opened;
}
