import { Calendar } from "../../worker/counting/calendar.ts";
import type { AliasChange } from "../../worker/counting/aliases.ts";
import { Counters } from "../../worker/counting/counters.ts";
import type { Claim } from "../../worker/counting/move-past.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { ShardState } from "../../worker/counting/shard-state.ts";
import type { ActivityPart } from "../../worker/counting/sketch-parts.ts";
import { ActivityBatch } from "../../worker/ingest/activity-batch.ts";
import { Ingest } from "../../worker/ingest/ingest.ts";
import { UserHasher } from "../../worker/ingest/user-hasher.ts";
import { MemoryLog, MemoryStore } from "./memory-store.ts";

const dayMs = 86_400_000;

/** An app whose beats go the way that they would go, from decoding to the roll-up, without Workers and objects around it. */
export interface CountedApp {
  state: RollupState;
  hasher: UserHasher;
  calendar: Calendar;
  /** Takes up a beat; throws where it is refused. */
  add(beat: unknown): Promise<void>;
  /** Resolves once all that was added is in the roll-up. */
  flush(): Promise<void>;
  /** Changes as whom somebody counts, now and in the past. */
  change(change: AliasChange, claim: Claim): void;
}

/**
 * @param now Unix milliseconds: the latest that beats can be of
 * @param key the byte that the key of the users' hashes is made of: another one is another world
 */
export async function countedApp(
  timeZone: string,
  now: number,
  { dimensions = [], key = 5 }: { dimensions?: string[]; key?: number } = {},
): Promise<CountedApp> {
  const hasher = await UserHasher.from(new Uint8Array(32).fill(key));
  const state = new RollupState(new MemoryStore(), hasher.keyId);
  state.settings.change({ timeZone, dimensions }, now);
  const calendar = new Calendar([{ from: 0, zone: timeZone }]);
  const shards = Array.from({ length: 4 }, () => new ShardState(new MemoryLog(), hasher.keyId));
  const record = async (index: number, parts: ActivityPart[]) => {
    const shard = shards[index] as ShardState;
    shard.record(parts);
    shard.commit();
    await shard.push(async (pushed) => state.absorb(pushed), now);
  };
  const ingest = new Ingest(new ActivityBatch(calendar, shards.length, "5m"), record, {
    now,
    maxAgeMs: 400 * dayMs,
    dimensions,
    facts: {},
    calendar,
    counters: new Counters(),
    isBot: false,
    isProven: false,
    allowedValues: {},
    hasher,
  });
  return {
    state,
    hasher,
    calendar,
    async add(beat) {
      const refused = ingest.add(beat);
      if (refused !== null) throw new Error(refused);
      if (ingest.isFull) await ingest.flush();
    },
    flush: () => ingest.flush(),
    change(change, claim) {
      state.identities.change([change]);
      for (const [index, shard] of shards.entries()) {
        shard.learn(state.identities.news(shard.aliasSeq ?? 0, index));
      }
      state.identities.movePast(change, claim);
    },
  };
}
