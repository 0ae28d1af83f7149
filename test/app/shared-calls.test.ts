import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { assumptions, callsApart, callsGathered, monthlyCost, type Way } from "../../bench/cost-model.ts";
import { Outbox } from "../../worker/app/outbox.ts";
import { GroupCommit } from "../../worker/counting/group-commit.ts";
import { seeded } from "../support/population.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const { commitWindowMs, isolates, gates } = assumptions;
/** Between a Worker and an object of another machine. */
const oneWayMs = 10;
const simulatedMs = 4 * 60_000;

/** What comes to each of some isolates at random, all of which tell one shard; gives the calls a second of one isolate. */
async function simulate(
  ways: number,
  beatsPerSecond: number,
  takeIn: (call: () => Promise<void>) => () => Promise<void>,
): Promise<number> {
  const shard = new GroupCommit(() => sleep(5), commitWindowMs, sleep, Date.now);
  let calls = 0;
  const call = async () => {
    calls++;
    await sleep(oneWayMs);
    await shard.join();
    await sleep(oneWayMs);
  };
  const until = Date.now() + simulatedMs;
  for (let way = 0; way < ways; way++) {
    const random = seeded(way + 1);
    const take = takeIn(call);
    const next = () => {
      if (Date.now() >= until) return;
      void take();
      setTimeout(next, (-Math.log(1 - random()) / beatsPerSecond) * 1000);
    };
    setTimeout(next, random() * 1000);
  }
  await vi.advanceTimersByTimeAsync(simulatedMs + 60_000);
  return calls / ways / (simulatedMs / 1000);
}

test("the cost model has as many calls as isolates make that share them", async () => {
  for (const [ways, beatsPerSecond, gatherMs] of [
    [isolates, 2.9, 0],
    [isolates, 1, 1000],
    [isolates, 0.6, 2600],
    [isolates, 10, 1000],
    [gates, 4.3, 1000],
  ] as const) {
    const calls = await simulate(ways, beatsPerSecond, (call) => {
      const outbox = new Outbox(gatherMs);
      return () => outbox.send([], call, () => {});
    });
    const ratio = calls / callsGathered(beatsPerSecond, gatherMs);
    expect(Math.abs(ratio - 1), `${beatsPerSecond} beats a second, gathered for ${gatherMs} ms`).toBeLessThan(
      0.06,
    );
  }
});

test("and as a gate makes whose sockets close", async () => {
  const apartMs = 1000;
  const calls = await simulate(gates, 4.3, (call) => {
    const departures = new GroupCommit(call, apartMs, sleep, Date.now);
    return () => departures.join();
  });
  expect(Math.abs(calls / callsApart(4.3, apartMs) - 1)).toBeLessThan(0.06);
});

test("a million daily users cost no more than what the waits are chosen for", () => {
  const total = (way: Way) => monthlyCost(1e6, way).total;
  expect(total({ resolution: "1h", by: "heartbeats" })).toBeLessThanOrEqual(25);
  expect(total({ resolution: "1d", by: "heartbeats" })).toBeLessThanOrEqual(15);
  expect(total({ resolution: "5m", by: "sockets" })).toBeLessThanOrEqual(50);
});
