import type { AppConfig } from "../counting/app-settings.ts";
import { crc32 } from "../sketch/crc32.ts";

/**
 * A digest of what decides who may count, and in which series. When it changes, sockets are closed, so that each proves
 * itself anew by a first message.
 */
export function admissionDigest({ settings, tokenEpoch }: AppConfig): number {
  const { keyRevisions, origins, identity, jwt, dimensions, allowedValues } = settings;
  const { pub, secret } = keyRevisions;
  const deciding = { pub, secret, tokenEpoch, origins, identity, jwt, dimensions, allowedValues };
  return crc32(new TextEncoder().encode(JSON.stringify(deciding)));
}
