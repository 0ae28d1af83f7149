import type { JWTVerifyGetKey } from "jose";
import { Calendar } from "../counting/calendar.ts";
import { Counters } from "../counting/counters.ts";
import { type AppConfig, completeSettings, type Settings } from "../counting/app-settings.ts";
import type { Env } from "../env.ts";
import type { UserHasher } from "../ingest/user-hasher.ts";
import type { RollupRpc, ShardRpc } from "../rpc.ts";
import { callObject } from "./call-object.ts";
import { keyServersOf } from "./key-servers.ts";
import type { KeyRing } from "./keys.ts";
import type { Outside } from "./outside.ts";
import { receiversOf } from "./webhook-receivers.ts";
import { type ObjectName, rollupName, shardName } from "./object-names.ts";

/** What stays the same of an app for as long as the service's secret does. */
export interface AppIdentity {
  name: ObjectName;
  hasher: UserHasher;
  ring: KeyRing;
  /** Seals and opens the app's tokens. */
  tokenKey: CryptoKey;
}

/** What one isolate of the Worker knows of an app, and the way to the app's Durable Objects. */
export class App {
  readonly name: ObjectName;
  readonly hasher: UserHasher;
  readonly ring: KeyRing;
  readonly tokenKey: CryptoKey;
  /** What happened here and is yet to be told to the roll-up, with the next beats that go its way. */
  readonly counters = new Counters();
  /** When they were last told for their own sake, Unix milliseconds. */
  countersToldAt = 0;
  /** The public keys that sign identities, for as long as the settings name this URL. */
  identityKeys: { url: string; get: JWTVerifyGetKey } | null = null;
  /** How servers of such keys are asked. */
  readonly keyServers: Outside;
  /** How receivers of webhooks are reached. */
  readonly receivers: Outside;
  #standing: object = {};
  readonly #env: Env;
  #config: AppConfig;
  #calendar: Calendar;
  #readAt: number;

  /** @param readAt when the config was read, Unix milliseconds */
  constructor(env: Env, { name, hasher, ring, tokenKey }: AppIdentity, config: AppConfig, readAt: number) {
    this.#env = env;
    this.keyServers = keyServersOf(env);
    this.receivers = receiversOf(env);
    this.name = name;
    this.hasher = hasher;
    this.ring = ring;
    this.tokenKey = tokenKey;
    this.#config = completed(config);
    this.#calendar = new Calendar(config.zones);
    this.#readAt = readAt;
  }

  get config(): AppConfig {
    return this.#config;
  }

  get settings(): Settings {
    return this.#config.settings;
  }

  get calendar(): Calendar {
    return this.#calendar;
  }

  /** When the config was read, Unix milliseconds. */
  get readAt(): number {
    return this.#readAt;
  }

  /** What is answered now is answered the same for as long as this is the same object. */
  get standing(): object {
    return this.#standing;
  }

  /** Takes over a config that was read or changed at `now`. */
  remember(config: AppConfig, now: number): void {
    this.#readAt = now;
    const whole = completed(config);
    if (JSON.stringify(whole) === JSON.stringify(this.#config)) return;
    this.#config = whole;
    this.#calendar = new Calendar(config.zones);
    this.renewStanding();
  }

  /** From now on something may be answered in another way: somebody counts as somebody else, say. */
  renewStanding(): void {
    this.#standing = {};
  }

  /** Calls the app's roll-up; see `callObject`. */
  rollup<Answer>(call: (rollup: RollupRpc) => Promise<Answer>): Promise<Answer> {
    return callObject(this.#env.ROLLUPS, rollupName(this.name), call);
  }

  /**
   * Calls one of the app's shards; see `callObject`.
   * @param hint where the shard should be, if this call brings it about
   */
  shard<Answer>(
    index: number,
    call: (shard: ShardRpc) => Promise<Answer>,
    hint?: DurableObjectLocationHint,
  ): Promise<Answer> {
    return callObject(this.#env.SHARDS, this.shardName(index), call, hint);
  }

  /** What a shard is called among Durable Objects. */
  shardName(index: number): string {
    return shardName(this.name, index);
  }
}

/** For some minutes after a deployment the roll-up may be of the version before, and tell less. */
function completed(config: Omit<AppConfig, "tokenEpoch"> & { tokenEpoch?: number }): AppConfig {
  return { tokenEpoch: 0, ...config, settings: completeSettings(config.settings) };
}
