import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Readings } from "../../worker/http/readings.ts";
import { bodyTimeoutMs, maxReadings } from "../../worker/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<string>(() => {});
/** Resolves with the reason for which a promise was rejected. */
const reasonOf = (promise: Promise<unknown>) => promise.catch(({ reason }: { reason: string }) => reason);

test("a body has ten seconds, whether or not others come meanwhile", async () => {
  const readings = new Readings();
  const slow = reasonOf(readings.wait(never()));
  await vi.advanceTimersByTimeAsync(bodyTimeoutMs - 1000);
  const later = reasonOf(readings.wait(never()));
  await vi.advanceTimersByTimeAsync(2000);
  expect(await slow).toBe("request-timeout");
  expect(await Promise.race([later, Promise.resolve("waiting")])).toBe("waiting");
  expect(await readings.wait(Promise.resolve("body"))).toBe("body");
  await vi.advanceTimersByTimeAsync(bodyTimeoutMs);
  expect(await later).toBe("request-timeout");
});

test("a body that can't be read is refused as its reader says", async () => {
  const readings = new Readings();
  await expect(readings.wait(Promise.reject(new Error("broken off")))).rejects.toThrow("broken off");
});

test("where too many are being read, the oldest goes and whoever is honest is read", async () => {
  const readings = new Readings();
  const slow = Array.from({ length: maxReadings }, () => reasonOf(readings.wait(never())));
  for (let honest = 0; honest < 3; honest++) {
    expect(await readings.wait(Promise.resolve(honest))).toBe(honest);
  }
  // It notices when it next looks.
  await vi.advanceTimersByTimeAsync(1000);
  const outcomes = await Promise.all(slow.map((each) => Promise.race([each, Promise.resolve("waiting")])));
  // One had to go; its place was free again for each of the others.
  expect(outcomes.filter((outcome) => outcome === "request-timeout")).toHaveLength(1);
  expect(outcomes[0]).toBe("request-timeout");
});

test("nobody is woken by another request, and no timer outlives its request", async () => {
  const readings = new Readings();
  for (let body = 0; body < 100; body++) await readings.wait(Promise.resolve(body));
  expect(vi.getTimerCount()).toBe(0);
  const slow = Array.from({ length: 3 }, () => reasonOf(readings.wait(never())));
  expect(vi.getTimerCount()).toBe(slow.length);
  await vi.advanceTimersByTimeAsync(bodyTimeoutMs);
  expect(await Promise.all(slow)).toEqual(slow.map(() => "request-timeout"));
  expect(vi.getTimerCount()).toBe(0);
});
