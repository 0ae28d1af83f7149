import type { Settings } from "../counting/app-settings.ts";
import { crc32 } from "../sketch/crc32.ts";

/**
 * A digest of the settings that decide who may count, and in which series. When it changes, sockets are closed, so that
 * each proves itself anew by a first message.
 */
export function admissionDigest({ keyRevision, origins, identity, jwt, dimensions }: Settings): number {
  const deciding = { keyRevision, origins, identity, jwt, dimensions };
  return crc32(new TextEncoder().encode(JSON.stringify(deciding)));
}
