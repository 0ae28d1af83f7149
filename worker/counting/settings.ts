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
}

export const defaultSettings: Settings = {
  timeZone: "UTC",
  retentionDays: 400,
  shards: 1,
  dimensions: [],
  origins: [],
  keyRevision: 0,
};

/** What the way of a heartbeat needs to know of an app: its settings, and how its days are cut. */
export interface AppConfig {
  settings: Settings;
  zones: ZoneHistory;
  /** The most shards the app ever had: all that may hold something that was not pushed yet. */
  shardsEver: number;
}
