import type { Settings } from "../../counting/app-settings.ts";
import type { Change } from "./effects.ts";

const inlineKeys = "(keys in the settings)";

/** Where the keys of identities come from, as the page shows it. */
export function sourceOf(jwt: Settings["jwt"]): string {
  if (jwt === null) return "";
  return jwt.jwks ?? jwt.secret ?? inlineKeys;
}

/** The change that leads to what was filled in; a source that was left alone stays as it is, with its algorithms. */
export function identityChange(
  settings: Settings,
  filled: { identity: Settings["identity"]; source: string; audience: string; issuer: string },
): Change {
  const { identity, jwt: before } = settings;
  const source = filled.source.trim();
  const names = { audience: filled.audience.trim() || null, issuer: filled.issuer.trim() || null };
  const isSame =
    source === sourceOf(before) &&
    (before === null || (names.audience === before.audience && names.issuer === before.issuer));
  return {
    ...(filled.identity !== identity && { identity: filled.identity }),
    ...(!isSame && { jwt: jwtOf(source, names, before) }),
  };
}

function jwtOf(
  source: string,
  names: { audience: string | null; issuer: string | null },
  before: Settings["jwt"],
): NonNullable<Change["jwt"]> | null {
  if (source === "") return null;
  if (before !== null && source === sourceOf(before)) return { ...before, ...names };
  const from = /^https?:/.test(source) ? { jwks: source } : { secret: source };
  return { ...from, ...names };
}
