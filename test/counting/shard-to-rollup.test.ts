import fc from "fast-check";
import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import type { ActivityPart, SketchPart } from "../../worker/counting/sketch-parts.ts";
import { periodAt } from "../../worker/counting/periods.ts";
import { RollupState } from "../../worker/counting/rollup-state.ts";
import { ShardState } from "../../worker/counting/shard-state.ts";
import { entryOf, SipHasher } from "../../worker/sketch/index.ts";
import { MemoryLog, MemoryStore } from "../support/memory-store.ts";

const keyId = 7;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = Date.parse("2026-11-20T10:02:00Z");
const utc = new Calendar([{ from: 0, zone: "UTC" }]);
const hasher = new SipHasher(new Uint8Array(16).fill(9));

function entry(person: number): number {
  const words = new Uint32Array(2);
  hasher.hash(`person-${person}`, words);
  return entryOf(words[0] as number, words[1] as number);
}

/** What the Worker makes of one beat. */
function parts(person: number, at: number): ActivityPart[] {
  const periods = [utc.dayAt(at), periodAt("hour", at), periodAt("slot", at)];
  return periods.map((period) => ({ ...period, series: "", entries: Uint32Array.of(entry(person)) }));
}

test("a commit that fails loses nothing: the next one writes it", async () => {
  const log = new MemoryLog();
  const shard = new ShardState(log, keyId);
  shard.record(parts(1, now));
  log.failsNext = true;
  expect(() => shard.commit()).toThrow("the disk refuses");
  shard.record(parts(1, now));
  shard.commit();
  const rollup = new RollupState(new MemoryStore(), keyId);
  await new ShardState(log, keyId).push(async (pushed) => rollup.absorb(pushed), now);
  expect(rollup.count(now - dayMs, now, now).count).toBe(1);
});

test("a commit of what is repeated writes the same as one of what is new, where nobody reads it", async () => {
  const log = new MemoryLog();
  const shard = new ShardState(log, keyId);
  shard.record(parts(1, now));
  shard.commit();
  const written = Array.from(log.rows(), ({ row }) => row);
  shard.record(parts(1, now));
  shard.commit();
  expect(log.unread).toEqual(written);
  await shard.push(() => Promise.resolve(), now);
  shard.record(parts(1, now));
  shard.commit();
  expect([shard.hasPending, new ShardState(log, keyId).hasPending]).toEqual([false, false]);
});

test("a push that fails is sent again, and one that was absorbed is not", async () => {
  const shard = new ShardState(new MemoryLog(), keyId);
  shard.record(parts(1, now));
  shard.commit();
  await expect(shard.push(() => Promise.reject(new Error("no way")), now)).rejects.toThrow("no way");
  expect(shard.hasPending).toBe(true);
  const pushed: SketchPart[][] = [];
  await shard.push(async (sent) => void pushed.push(sent), now);
  await shard.push(async (sent) => void pushed.push(sent), now);
  expect(pushed).toHaveLength(1);
  expect(shard.hasPending).toBe(false);
});

test("a push says it is done only when what another push is sending has arrived too", async () => {
  const shard = new ShardState(new MemoryLog(), keyId);
  shard.record(parts(1, now));
  shard.commit();
  let arrive = () => {};
  const first = shard.push(() => new Promise((resolve) => (arrive = resolve)), now);
  let isDone = false;
  const second = shard.push(async () => {}, now).then(() => (isDone = true));
  await Promise.resolve();
  await Promise.resolve();
  expect(isDone).toBe(false);
  arrive();
  await Promise.all([first, second]);
  expect(isDone).toBe(true);
});

test("people already seen write nothing to the log", () => {
  const log = new MemoryLog();
  const shard = new ShardState(log, keyId);
  for (let round = 0; round < 3; round++) {
    for (let person = 0; person < 100; person++) shard.record(parts(person, now));
    shard.commit();
  }
  expect([...log.rows()]).toHaveLength(1);
});

test("whatever is lost, repeated, late or crashed, the roll-up ends as a model that saw each beat once", async () => {
  const anyStep = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ do: fc.constant("beat"), person: fc.nat(400), hoursAgo: fc.nat(100) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("commit"), fails: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("push"),
        outcome: fc.constantFrom("ok", "lost", "twice", "unheard"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("crash", "restart-rollup") }) },
  );
  type Step = { do: string; person?: number; hoursAgo?: number; fails?: boolean; outcome?: string };
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep as fc.Arbitrary<Step>, { minLength: 20, maxLength: 120 }),
      async (steps) => {
        const log = new MemoryLog();
        const store = new MemoryStore();
        let shard = new ShardState(log, keyId);
        let rollup = new RollupState(store, keyId);
        const model = new MemoryStore();
        const modelRollup = new RollupState(model, keyId);
        let waiting: ActivityPart[][] = [];
        let acknowledged: ActivityPart[][] = [];

        const commit = () => {
          shard.commit();
          acknowledged.push(...waiting);
          waiting = [];
        };
        for (const step of steps) {
          if (step.do === "beat") {
            const beat = parts(step.person as number, now - (step.hoursAgo as number) * hourMs);
            shard.record(beat);
            waiting.push(beat);
          } else if (step.do === "commit") {
            log.failsNext = step.fails === true;
            try {
              commit();
            } catch {
              // Told to fail: the senders would send again; the object goes on.
            }
            log.failsNext = false;
          } else if (step.do === "push") {
            const absorb = async (sent: SketchPart[]) => {
              if (step.outcome === "lost") throw new Error("lost on the way");
              rollup.absorb(sent);
              if (step.outcome === "twice") rollup.absorb(sent);
              if (step.outcome === "unheard") throw new Error("the answer was lost");
            };
            await shard.push(absorb, now).catch(() => {});
          } else if (step.do === "crash") {
            // Memory is gone; what was not acknowledged may be gone too.
            waiting = [];
            shard = new ShardState(log, keyId);
          } else {
            rollup = new RollupState(store, keyId);
          }
        }
        commit();
        await shard.push(async (sent) => rollup.absorb(sent), now);

        const modelShard = new ShardState(new MemoryLog(), keyId);
        for (const beat of acknowledged) modelShard.record(beat);
        modelShard.commit();
        await modelShard.push(async (sent) => modelRollup.absorb(sent), now);
        const held = new Map(store.dump());
        for (const [key, sketch] of model.dump()) expect(held.get(key)).toBe(sketch);
        expect([...held.keys()].toSorted()).toEqual(model.dump().map(([key]) => key));
      },
    ),
    { numRuns: 300, seed: 4 },
  );
});

test("periods past what is kept are forgotten, and asking for them gives a reason", async () => {
  const store = new MemoryStore();
  const rollup = new RollupState(store, keyId);
  const shard = new ShardState(new MemoryLog(), keyId);
  for (const days of [0, 1, 40, 399, 401]) shard.record(parts(days, now - days * dayMs));
  shard.commit();
  await shard.push(async (sent) => rollup.absorb(sent), now);
  expect(rollup.count(now - 402 * dayMs, now, now).count).toBe(5);
  rollup.expire(now);
  expect(rollup.count(now - 402 * dayMs, now, now)).toMatchObject({
    count: null,
    reason: expect.stringContaining("past retention"),
  });
  expect(rollup.count(now - 400 * dayMs, now, now).count).toBe(4);
  expect(rollup.count(now - 26 * hourMs, now, now).count).toBe(2);
  const kinds = store.dump().map(([key]) => key.split("/")[0]);
  expect(kinds.filter((kind) => kind === "day")).toHaveLength(4);
  expect(kinds.filter((kind) => kind === "hour")).toHaveLength(2);
  expect(kinds.filter((kind) => kind === "slot")).toHaveLength(2);
});
