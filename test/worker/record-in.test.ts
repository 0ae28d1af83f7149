import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { App } from "../../worker/app/app.ts";
import { KeyRing } from "../../worker/app/keys.ts";
import { recordIn } from "../../worker/app/record-in.ts";
import { defaultSettings } from "../../worker/counting/app-settings.ts";
import type { CounterValues } from "../../worker/counting/counters.ts";
import { UserHasher } from "../../worker/ingest/user-hasher.ts";

/** An app whose shards do what they are told, and what was counted in each call that reached one. */
async function appWith(outcomes: (Error | null)[]): Promise<{ app: App; reached: CounterValues[] }> {
  const reached: CounterValues[] = [];
  const shard = {
    record: async (_: unknown, counters: CounterValues) => {
      reached.push(counters);
      const outcome = outcomes.shift();
      if (outcome) throw outcome;
      return null;
    },
  };
  const ring = await KeyRing.from(env.HEADCOUNT_SECRET);
  const hasher = await UserHasher.from(await ring.userHashKey("counters"));
  const identity = {
    name: { app: "counters", keyId: hasher.keyId },
    hasher,
    ring,
    tokenKey: await ring.sealingKey("counters", "token"),
  };
  const config = {
    settings: defaultSettings,
    zones: [{ from: 0, zone: "UTC" }],
    shardsEver: 1,
    inclusions: 0,
    tokenEpoch: 0,
  };
  const SHARDS = { getByName: () => shard } as unknown as typeof env.SHARDS;
  return { app: new App({ ...env, SHARDS }, identity, config, 0), reached };
}

test("counters go along with a call that is repeated, and stay where it fails", async () => {
  const lost = Object.assign(new Error("the connection was lost"), { retryable: true });
  const repeated = await appWith([lost, lost, null]);
  repeated.app.counters.note("beats_accepted", 3);
  await recordIn(repeated.app, 0, [], null);
  expect(repeated.reached).toEqual([{ beats_accepted: 3 }, { beats_accepted: 3 }, { beats_accepted: 3 }]);
  expect(repeated.app.counters.take()).toEqual({});

  const failed = await appWith([new Error("broken")]);
  failed.app.counters.note("beats_accepted", 3);
  await expect(recordIn(failed.app, 0, [], null)).rejects.toThrow("storage can't be reached");
  failed.app.counters.note("beats_accepted", 2);
  expect(failed.app.counters.take()).toEqual({ beats_accepted: 5 });
});
