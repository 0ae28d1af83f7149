import { dayMs, hourMs, zoneLeadMs } from "../limits.ts";
import type { Result } from "../result.ts";
import type { MetaStore } from "./meta-store.ts";
import { countedAfter, type CountedFrom, countedFromStart, type Resolution } from "./resolution.ts";
import type { Webhook } from "./webhooks.ts";
import { Calendar, changeZone, type ZoneHistory } from "./calendar.ts";
import {
  forEveryRole,
  type KeyRevisions,
  lowestRevision,
  raised,
  type RevisionChange,
  united,
} from "./key-revisions.ts";

/** What an app's owner may set. */
export interface Settings {
  /** IANA name of the zone in which days are cut and calendar questions asked. */
  timeZone: string;
  /** Days for which day sketches are kept. */
  retentionDays: number;
  /** The shortest periods that are counted, and so the pace of heartbeats: five minutes, hours or days of the app's zone. */
  resolution: Resolution;
  /** Durable Objects among which an app's users are spread; a power of two. Raising it moves no data. */
  shards: number;
  /** Unix milliseconds: of the time before only each person's last activity is known, from elsewhere. Null where nothing is of elsewhere. */
  lastSeenUntil: number | null;
  /** Names of the dimensions that are kept of a beat; what is not declared is dropped. */
  dimensions: string[];
  /** The only values that are kept apart of some dimensions; the others are counted as `(other)`. */
  allowedValues: Record<string, string[]>;
  /** Web origins that may report activity with the public key; empty means any. */
  origins: string[];
  /** Web origins whose pages may show a shared view in a frame; empty means none. */
  embedOrigins: string[];
  /** Keys of an earlier revision are refused, whatever their role: the lowest of `keyRevisions`. */
  keyRevision: number;
  /** For each role the revision below which its keys are refused. */
  keyRevisions: KeyRevisions;
  /** `signed`: users are who the app's backend says, in a JWT. `open`: who the client says. */
  identity: "open" | "signed";
  jwt: JwtSettings | null;
  /** Seconds for which a token lives. */
  tokenTtl: number;
  /** Seconds after which a token is rotated when it is used. */
  tokenMinTtl: number;
  /** Where reports and alerts are sent. */
  webhooks: Webhook[];
}

/** How the app's backend signs identities. */
export interface JwtSettings {
  /** A shared secret, sealed; never as it was given. */
  secret?: string | undefined;
  /** Where the public keys are. */
  jwks?: string | undefined;
  /** Or the public keys themselves, as JSON Web Keys (RFC 7517). */
  keys?: PublicKey[] | undefined;
  algorithms: string[];
  audience: string | null;
  issuer: string | null;
}

/** A public key as JSON: `kty`, and what that needs. */
interface PublicKey {
  kty: string;
  [member: string]: string | string[] | boolean;
}

/** What stands in an answer where a secret is kept; sent back, it keeps the secret as it is. */
export const hiddenSecret = "(hidden)";

const daySeconds = 86_400;

/** What stands for a setting that isn't stored. */
export const defaultSettings: Settings = {
  timeZone: "UTC",
  retentionDays: 400,
  resolution: "5m",
  shards: 1,
  lastSeenUntil: null,
  // Of apps that were there before it was stored: see `AppSettings.begin`.
  dimensions: [],
  allowedValues: {},
  origins: [],
  embedOrigins: [],
  keyRevision: 0,
  keyRevisions: forEveryRole(0),
  identity: "open",
  jwt: null,
  tokenTtl: 21 * daySeconds,
  tokenMinTtl: daySeconds,
  webhooks: [],
};

/** What a new app begins with: what the edge knows of a beat without anybody's doing. */
export const firstSettings = { dimensions: ["platform", "browser"] } satisfies Partial<Settings>;

/** A change of settings: members that are absent keep their value, roles too. */
export type SettingsChange = Partial<Omit<Settings, keyof RevisionChange>> & RevisionChange;

/** What the way of a heartbeat needs to know of an app: its settings, and how its days are cut. */
export interface AppConfig {
  settings: Settings;
  zones: ZoneHistory;
  /** The most shards the app ever had: all that may hold something that was not pushed yet. */
  shardsEver: number;
  /** How often somebody was counted again after an exclusion: until then their beats left nothing, and are to be sent again. */
  inclusions: number;
  /** How often all tokens were revoked at once: those of before are void. */
  tokenEpoch: number;
}

/** Where settings are kept, as values by name, and what decides how a change of zone cuts the days. */
export interface SettingsStore extends MetaStore {
  /** The start of the oldest day that holds activity, or null. */
  firstDay(): number | null;
}

/** The settings of one app, and how its days are cut. Their rules are kept here, whoever changes them. */
export class AppSettings {
  readonly #store: SettingsStore;
  #calendar: Calendar;

  constructor(store: SettingsStore) {
    this.#store = store;
    this.#calendar = new Calendar(this.#zones());
  }

  /** The settings of an app that is made now. One that was made by an earlier release keeps what it has. */
  begin(): void {
    this.#store.putMeta("settings", firstSettings);
  }

  /** The app's days. */
  get calendar(): Calendar {
    return this.#calendar;
  }

  /** All that a Worker has to know. */
  config(): AppConfig {
    const settings = this.#settings();
    const shardsEver = (this.#store.getMeta("shardsEver") as number | null) ?? settings.shards;
    return {
      settings,
      zones: this.#zones(),
      shardsEver,
      inclusions: this.#times("inclusions"),
      tokenEpoch: this.#times("tokenEpoch"),
    };
  }

  /**
   * Changes settings; members that are absent keep their value. A change of zone should come just after all shards have
   * pushed. Returns in words why the change is refused, and nothing has changed, or null.
   *
   * @param now Unix milliseconds
   */
  change(change: SettingsChange, now: number): string | null {
    return this.#change(change, raised(this.#settings().keyRevisions, change), now);
  }

  /**
   * Takes over settings of an export, as `change` does, but for revisions of keys: see `united`.
   *
   * @param keyRevision the revision of the key with which it is imported
   */
  adopt(change: SettingsChange, keyRevision: number, now: number): string | null {
    return this.#change(change, united(this.#settings().keyRevisions, change, keyRevision), now);
  }

  #change(change: SettingsChange, revisions: Result<KeyRevisions>, now: number): string | null {
    if (!revisions.ok) return revisions.error;
    const before = this.config();
    const settings = withRevisions(
      { ...before.settings, ...withKeptSecrets(change, before.settings) },
      revisions.value,
    );
    const complaint = complaintAbout(settings);
    if (complaint !== null) return complaint;
    this.#store.putMeta("settings", settings);
    if (settings.timeZone !== before.settings.timeZone) {
      const changeAt = Math.ceil((now + zoneLeadMs) / hourMs) * hourMs;
      this.#putZones(changeZone(before.zones, settings.timeZone, this.#store.firstDay(), changeAt));
    }
    if (settings.resolution !== before.settings.resolution) {
      this.#store.putMeta(
        "countedFrom",
        countedAfter(this.countedFrom(), settings.resolution, now, this.#calendar),
      );
    }
    this.#store.putMeta("shardsEver", Math.max(before.shardsEver, settings.shards));
    return null;
  }

  /** Since when slots and hours are counted without a gap. */
  countedFrom(): CountedFrom {
    return (this.#store.getMeta("countedFrom") as CountedFrom | null) ?? countedFromStart;
  }

  /** Takes over how days were cut where the app was before. Only while nothing has been counted. */
  adoptZones(zones: ZoneHistory): void {
    this.#putZones(zones);
    this.#store.putMeta("settings", { ...this.#settings(), timeZone: this.#calendar.zone });
  }

  /** Somebody is counted again, and the shards know: what Workers remember of beats that left nothing holds no longer. */
  noteInclusion(): void {
    this.#store.putMeta("inclusions", this.#times("inclusions") + 1);
  }

  /** Every token that was ever handed out is void. */
  revokeTokens(): void {
    this.#store.putMeta("tokenEpoch", this.#times("tokenEpoch") + 1);
  }

  /** See `Settings.lastSeenUntil`. */
  get lastSeenUntil(): number | null {
    return this.#settings().lastSeenUntil;
  }

  /** Start of the oldest day that is still kept at `now`, Unix milliseconds. */
  keptFrom(now: number): number {
    return this.#calendar.dayAt(now - this.#settings().retentionDays * dayMs).start;
  }

  /** Lets go of what is in memory: what was written could not be kept. */
  forget(): void {
    this.#calendar = new Calendar(this.#zones());
  }

  #settings(): Settings {
    return completeSettings(this.#store.getMeta("settings") as Partial<Settings> | null);
  }

  /** How often something was done. */
  #times(what: "inclusions" | "tokenEpoch"): number {
    return (this.#store.getMeta(what) as number | null) ?? 0;
  }

  #zones(): ZoneHistory {
    const zones = this.#store.getMeta("zones") as ZoneHistory | null;
    return zones ?? [{ from: 0, zone: defaultSettings.timeZone }];
  }

  #putZones(zones: ZoneHistory): void {
    this.#store.putMeta("zones", zones);
    this.#calendar = new Calendar(zones);
  }
}

/** Settings with everything in them, as they were stored or are told by another release. */
export function completeSettings(some: Partial<Settings> | null): Settings {
  // The first release had one revision for all roles.
  const revisions = some?.keyRevisions ?? forEveryRole(some?.keyRevision ?? 0);
  return withRevisions({ ...defaultSettings, ...some }, revisions);
}

function withRevisions(settings: Omit<Settings, "keyRevisions">, keyRevisions: KeyRevisions): Settings {
  return { ...settings, keyRevisions, keyRevision: lowestRevision(keyRevisions) };
}

/** The change, where secrets stay as they are if their owner sent back what stands in their place; a webhook's goes with its URL. */
function withKeptSecrets(
  { keyRevision: _all, keyRevisions: _some, ...change }: SettingsChange,
  before: Settings,
): Partial<Settings> {
  const { jwt, webhooks } = change;
  const secretOf = (url: string) => before.webhooks.find((webhook) => webhook.url === url)?.secret;
  return {
    ...change,
    ...(jwt?.secret === hiddenSecret && { jwt: { ...jwt, secret: before.jwt?.secret ?? hiddenSecret } }),
    ...(webhooks && {
      webhooks: webhooks.map((webhook) =>
        webhook.secret === hiddenSecret
          ? { ...webhook, secret: secretOf(webhook.url) ?? hiddenSecret }
          : webhook,
      ),
    }),
  };
}

/** What can't be said of settings one by one: in words what is wrong with them, or null. */
function complaintAbout({ identity, jwt, tokenTtl, tokenMinTtl, webhooks }: Settings): string | null {
  if (tokenMinTtl >= tokenTtl) {
    return `tokenMinTtl: expected less than tokenTtl, which is ${tokenTtl}: a token must be rotated before it expires`;
  }
  if (identity === "signed" && jwt === null) {
    return "identity: signed requires the jwt setting, which says how identities are signed";
  }
  if (webhooks.some(({ secret }) => secret === hiddenSecret)) {
    return "webhooks: no secret is stored for a new URL: leave secret out, and one is created";
  }
  return jwt?.secret === hiddenSecret ? "jwt: no secret is stored yet: send the secret itself" : null;
}
