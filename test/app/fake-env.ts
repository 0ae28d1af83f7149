import { vi } from "vitest";
import { defaultSettings } from "../../worker/counting/app-settings.ts";
import type { Env } from "../../worker/env.ts";
import type { AppConfig } from "../../worker/counting/app-settings.ts";
import type { RollupRpc, ShardRpc } from "../../worker/rpc.ts";

const secret = Buffer.alloc(32, 7).toString("base64url");

export const defaultConfig: AppConfig = {
  settings: defaultSettings,
  zones: [{ from: 0, zone: "UTC" }],
  shardsEver: 1,
  inclusions: 0,
  tokenEpoch: 0,
};

/** What the platform throws where trying again on a new stub may help. */
export function passingError(): Error {
  return Object.assign(new Error("network connection lost"), { retryable: true });
}

/** The platform's bindings, with objects that answer as they are told. */
export class FakeEnv {
  readonly config = vi.fn<RollupRpc["config"]>(async () => defaultConfig);
  readonly record = vi.fn<ShardRpc["record"]>(async () => null);
  /** The names of the objects that were asked for, in order, with where they should be. */
  readonly asked: [name: string, hint: string | undefined][] = [];
  readonly env: Env;

  constructor(masterSecret: string | undefined = secret) {
    const namespace = (object: object) => ({
      getByName: (name: string, options?: { locationHint: string }) => {
        this.asked.push([name, options?.locationHint]);
        return object;
      },
    });
    this.env = {
      ...(masterSecret !== undefined && { HEADCOUNT_SECRET: masterSecret }),
      ROLLUPS: namespace({ config: this.config }),
      SHARDS: namespace({ record: this.record }),
    } as unknown as Env;
  }
}
