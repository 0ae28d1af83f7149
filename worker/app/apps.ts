import type { Env } from "../env.ts";
import { Refusal } from "../http/problem.ts";
import { UserHasher } from "../ingest/user-hasher.ts";
import { maxRememberedApps, settingsTtlMs } from "../limits.ts";
import { App, type AppIdentity } from "./app.ts";
import { callObject } from "./call-object.ts";
import { KeyRing } from "./keys.ts";
import { rollupName } from "./object-names.ts";

/** The apps that one isolate serves. Holds plain data only: promises and stubs of one request are of no use to another. */
export class Apps {
  readonly #env: Env;
  readonly #apps = new Map<string, App>();
  #ring: KeyRing | null = null;

  constructor(env: Env) {
    this.#env = env;
  }

  /** The keys that are derived from the service's secret. Throws a `Refusal` where it has none. */
  async ring(): Promise<KeyRing> {
    try {
      return (this.#ring ??= await KeyRing.from(this.#env.HEADCOUNT_SECRET));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Refusal("not-configured", error.message, { "retry-after": "60" });
    }
  }

  /** The key that opens an app's tokens. */
  async tokenKey(name: string): Promise<CryptoKey> {
    return this.#apps.get(name)?.tokenKey ?? (await this.ring()).sealingKey(name, "token");
  }

  /** An app that a valid key or token names. Its settings are at most `settingsTtlMs` old. */
  async open(name: string, now: number): Promise<App> {
    const held = this.#apps.get(name);
    if (held !== undefined && now - held.readAt < settingsTtlMs) return held;
    const identity = held ?? (await this.#identify(name));
    const config = await callObject(this.#env.ROLLUPS, rollupName(identity.name), (rollup) =>
      rollup.config(),
    );
    // Others may have opened it meanwhile; what they counted is to be kept.
    const app = this.#apps.get(name) ?? new App(this.#env, identity, config, now);
    app.remember(config, now);
    this.#apps.delete(name);
    this.#apps.set(name, app);
    for (const oldest of this.#apps.keys()) {
      if (this.#apps.size <= maxRememberedApps) break;
      this.#apps.delete(oldest);
    }
    return app;
  }

  async #identify(name: string): Promise<AppIdentity> {
    const ring = await this.ring();
    const hasher = await UserHasher.from(await ring.userHashKey(name));
    return {
      name: { app: name, keyId: hasher.keyId },
      hasher,
      ring,
      tokenKey: await ring.sealingKey(name, "token"),
    };
  }
}
