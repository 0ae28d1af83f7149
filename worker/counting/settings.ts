import type { ZoneHistory } from "./calendar.ts";

/** What an app's owner may set. */
export interface Settings {
  /** IANA name of the zone in which days are cut and calendar questions asked. */
  timeZone: string;
  /** Days for which day sketches are kept. */
  retentionDays: number;
  /** Durable Objects among which an app's users are spread; a power of two. Raising it moves no data. */
  shards: number;
  /** Names of the dimensions that are kept of a beat; what is not declared is dropped. */
  dimensions: string[];
  /** Web origins that may report activity with the public key; empty means any. */
  origins: string[];
  /** Keys of an earlier revision are refused. Only ever rises, so that a retired key stays retired. */
  keyRevision: number;
  /** `signed`: users are who the app's backend says, in a JWT. `open`: who the client says. */
  identity: "open" | "signed";
  jwt: JwtSettings | null;
  /** Seconds for which a token lives. */
  tokenTtl: number;
  /** Seconds after which a token is rotated when it is used. */
  tokenMinTtl: number;
}

/** How the app's backend signs identities. */
export interface JwtSettings {
  /** A shared secret, sealed; never as it was given. */
  secret?: string;
  /** Where the public keys are. */
  jwks?: string;
  algorithms: string[];
  audience: string | null;
  issuer: string | null;
}

const daySeconds = 86_400;

export const defaultSettings: Settings = {
  timeZone: "UTC",
  retentionDays: 400,
  shards: 1,
  dimensions: [],
  origins: [],
  keyRevision: 0,
  identity: "open",
  jwt: null,
  tokenTtl: 21 * daySeconds,
  tokenMinTtl: daySeconds,
};

/** What can't be said of settings one by one: in words what was wrong with a change, or null. */
export function complaintAbout(before: Settings, change: Partial<Settings>): string | null {
  const { keyRevision, identity, jwt, tokenTtl, tokenMinTtl } = { ...before, ...change };
  if (keyRevision < before.keyRevision) {
    return `keyRevision: expected ${before.keyRevision} or more: a retired key stays retired`;
  }
  if (tokenMinTtl >= tokenTtl) {
    return `tokenMinTtl: expected less than tokenTtl, which is ${tokenTtl}: a token must be rotated before it ends`;
  }
  if (identity === "signed" && jwt === null) {
    return "identity: signed needs jwt, which says how identities are signed";
  }
  return null;
}

/** What the way of a heartbeat needs to know of an app: its settings, and how its days are cut. */
export interface AppConfig {
  settings: Settings;
  zones: ZoneHistory;
  /** The most shards the app ever had: all that may hold something that was not pushed yet. */
  shardsEver: number;
  /** How often somebody was counted again after an exclusion: until then their beats left nothing, and are to be sent again. */
  inclusions: number;
}
