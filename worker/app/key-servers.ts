import type { Settings } from "../counting/app-settings.ts";
import type { Env } from "../env.ts";
import { type KeyServerAccess, keyServerUrl } from "../tokens/key-server.ts";

/** How servers of public keys are asked: those that the environment names on a way to private networks, where there is one. */
export function keyServersOf({ JWKS_ALLOW, KEY_SERVERS }: Env): Omit<KeyServerAccess, "now"> {
  // What isn't in the environment the embedded engine binds as null.
  const allowed = (JWKS_ALLOW ?? "").split(",").flatMap((text) => {
    const origin = text.trim();
    return URL.canParse(origin) ? [new URL(origin).origin] : [];
  });
  return {
    allowed,
    fetch: (url, options) =>
      KEY_SERVERS !== undefined && allowed.includes(new URL(url).origin)
        ? KEY_SERVERS.fetch(url, options)
        : fetch(url, options),
  };
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
