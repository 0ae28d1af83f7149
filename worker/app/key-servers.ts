import type { Settings } from "../counting/app-settings.ts";
import type { Env } from "../env.ts";
import { keyServerUrl } from "../tokens/key-server.ts";
import { type Outside, outsideOf } from "./outside.ts";

/** How servers of public keys are asked. */
export function keyServersOf({ JWKS_ALLOW, PRIVATE_NETWORK }: Env): Outside {
  return outsideOf(JWKS_ALLOW, PRIVATE_NETWORK);
}

/** Why the server of keys that settings name may not be asked: in words, or null. */
export function complaintAboutKeyServer(
  { jwt }: { jwt?: Settings["jwt"] | undefined },
  allowed: readonly string[],
): string | null {
  if (jwt?.jwks === undefined) return null;
  const url = keyServerUrl(jwt.jwks, allowed);
  return url.ok ? null : `jwt: ${url.error}`;
}
