import type { Settings } from "../counting/settings.ts";
import { crc32 } from "../sketch/crc32.ts";

/**
 * A digest of the settings that decide who may count, and in which series. When it changes, sockets are closed, so that
 * each proves itself anew by a first message.
 */
export function admissionDigest(settings: Settings): number {
  const { timeZone: _zone, retentionDays: _days, shards: _shards, ...deciding } = settings;
  return crc32(new TextEncoder().encode(JSON.stringify(deciding)));
}
