import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outbox } from "../../worker/app/outbox.ts";
import type { ActivityPart } from "../../worker/counting/sketch-parts.ts";
import { maxLoadEntries, outboxMs } from "../../worker/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const partsOf = (...entries: number[]): ActivityPart[] => [
  { kind: "day", start: 0, end: 86_400_000, series: "", entries: Uint32Array.from(entries) },
];

/** A shard whose calls settle when the test says so. */
function fakeShard(gatherMs = 0) {
  const calls: { by: string; entries: number[]; succeed: () => void; fail: () => void }[] = [];
  const kept: Promise<unknown>[] = [];
  const outbox = new Outbox(gatherMs);
  const send = (by: string, ...entries: number[]) =>
    outbox.send(
      partsOf(...entries),
      (parts) =>
        new Promise<void>((resolve, reject) => {
          const all = parts.flatMap((part) => Array.from(part.entries));
          calls.push({ by, entries: all, succeed: resolve, fail: () => reject(new Error(`${by} failed`)) });
        }),
      (work) => void kept.push(work),
    );
  return { calls, kept, send };
}

/** Lets all that is ready happen. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const stateOf = (promise: Promise<void>) =>
  Promise.race([promise.then(() => "done").catch(() => "failed"), settle().then(() => "waiting")]);

test("alone nobody waits, and what comes meanwhile shares the next call, made by the first of them", async () => {
  const { calls, send } = fakeShard();
  const first = send("a", 1);
  const [second, third] = [send("b", 2), send("c", 3)];
  await settle();
  expect(calls.map(({ by, entries }) => [by, entries])).toEqual([["a", [1]]]);
  calls[0]?.succeed();
  expect(await stateOf(first)).toBe("done");
  expect(calls.map(({ by, entries }) => [by, entries])).toEqual([
    ["a", [1]],
    ["b", [2, 3]],
  ]);
  expect([await stateOf(second), await stateOf(third)]).toEqual(["waiting", "waiting"]);
  calls[1]?.succeed();
  expect([await stateOf(second), await stateOf(third)]).toEqual(["done", "done"]);
});

test("whoever makes a call for others is kept alive until it has settled, and a failure is no unhandled one", async () => {
  const { calls, kept, send } = fakeShard();
  const first = send("a", 1);
  await settle();
  calls[0]?.fail();
  await expect(first).rejects.toThrow("a failed");
  await expect(kept[0]).resolves.toBeUndefined();
});

test("a call that fails takes nobody along: those who shared it share another, and learn what became of that", async () => {
  const { calls, send } = fakeShard();
  void send("a", 1);
  const [leader, ...followers] = [send("b", 2), send("c", 3), send("d", 4), send("e", 5)];
  for (const follower of followers) follower.catch(() => {});
  await settle();
  calls[0]?.succeed();
  await settle();
  calls[1]?.fail();
  await expect(leader).rejects.toThrow("b failed");
  await settle();
  expect(calls.slice(2).map(({ by, entries }) => [by, entries])).toEqual([["c", [3]]]);
  calls[2]?.succeed();
  await settle();
  expect(calls.slice(3).map(({ by, entries }) => [by, entries])).toEqual([["d", [4, 5]]]);
  calls[3]?.fail();
  await settle();
  const [third, fourth, fifth] = followers.map(stateOf);
  expect([await third, await fourth, await fifth]).toEqual(["done", "failed", "failed"]);
  expect(calls).toHaveLength(4);
});

test("a call that never ends holds up neither the next one nor those who share it", async () => {
  const { calls, send } = fakeShard();
  const stuck = send("a", 1);
  const [leader, follower] = [send("b", 2), send("c", 3)];
  await vi.advanceTimersByTimeAsync(outboxMs.lead);
  // It has left although the one before it is still under way, and never ends either.
  expect(calls.map(({ by }) => by)).toEqual(["a", "b"]);
  await vi.advanceTimersByTimeAsync(outboxMs.follow);
  expect(calls.slice(2).map(({ by, entries }) => [by, entries])).toEqual([["c", [3]]]);
  calls[2]?.succeed();
  expect(await stateOf(follower)).toBe("done");
  expect([await stateOf(stuck), await stateOf(leader)]).toEqual(["waiting", "waiting"]);
});

test("where calls are gathered, whoever comes in time shares one, the first of them too", async () => {
  const { calls, send } = fakeShard(2000);
  const first = send("a", 1);
  await vi.advanceTimersByTimeAsync(1999);
  const second = send("b", 2);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  const third = send("c", 3);
  expect(calls.map(({ by, entries }) => [by, entries])).toEqual([["a", [1, 2]]]);
  expect([await stateOf(first), await stateOf(second)]).toEqual(["waiting", "waiting"]);
  calls[0]?.succeed();
  expect([await stateOf(first), await stateOf(second), await stateOf(third)]).toEqual([
    "done",
    "done",
    "waiting",
  ]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(calls.slice(1).map(({ by, entries }) => [by, entries])).toEqual([["c", [3]]]);
  calls[1]?.fail();
  expect(await stateOf(third)).toBe("failed");
});

test("whoever shares a gathered call that never ends makes its own, and no sooner for having come early", async () => {
  const { calls, send } = fakeShard(2000);
  const leader = send("a", 1);
  const follower = send("b", 2);
  await vi.advanceTimersByTimeAsync(2000 + outboxMs.follow - 1);
  expect(calls.map(({ by }) => by)).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.map(({ by, entries }) => [by, entries])).toEqual([
    ["a", [1, 2]],
    ["b", [2]],
  ]);
  calls[1]?.succeed();
  expect([await stateOf(leader), await stateOf(follower)]).toEqual(["waiting", "done"]);
});

test("a call carries so much and no more", async () => {
  const { calls, send } = fakeShard();
  void send("a", 1);
  const full = Array.from({ length: maxLoadEntries }, (_, entry) => entry);
  void send("b", ...full);
  void send("c", 2);
  await settle();
  calls[0]?.succeed();
  await vi.advanceTimersByTimeAsync(outboxMs.lead);
  expect(calls.slice(1).map(({ by, entries }) => [by, entries.length])).toEqual([
    ["b", maxLoadEntries],
    ["c", 1],
  ]);
});
