import { afterEach, expect, test, vi } from "vitest";
import { InFlight } from "../../worker/http/in-flight.ts";
import { maxInFlight } from "../../worker/limits.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const never = new Promise<void>(() => {});

test("what is one too many is refused at once, of its own kind alone, until something is finished", async () => {
  const inFlight = new InFlight();
  let finish = () => {};
  const first = inFlight.run("questions", false, () => new Promise<void>((resolve) => (finish = resolve)));
  for (let more = 1; more < maxInFlight.questions; more++) void inFlight.run("questions", false, () => never);
  await expect(inFlight.run("questions", false, () => 1)).rejects.toMatchObject({
    reason: "overloaded",
    headers: { "retry-after": expect.stringMatching(/^([1-9]|10)$/) },
  });
  expect(await inFlight.run("reports", false, () => 2)).toBe(2);
  finish();
  await first;
  expect(await inFlight.run("questions", false, () => 3)).toBe(3);
});

test("work that fails is over too", async () => {
  const inFlight = new InFlight();
  const fail = () => Promise.reject(new Error("no way"));
  for (let turn = 0; turn <= maxInFlight.questions; turn++) {
    await expect(inFlight.run("questions", false, fail)).rejects.toThrow("no way");
  }
  expect(await inFlight.run("questions", false, () => 1)).toBe(1);
});

test("of reports that may come again a share is refused, and of others none", async () => {
  const inFlight = new InFlight();
  inFlight.refuseReports(0.3);
  const chance = vi.spyOn(Math, "random");
  chance.mockReturnValue(0.29);
  await expect(inFlight.run("reports", true, () => 1)).rejects.toMatchObject({ reason: "overloaded" });
  expect(await inFlight.run("reports", false, () => 1)).toBe(1);
  chance.mockReturnValue(0.3);
  expect(await inFlight.run("reports", true, () => 1)).toBe(1);
  inFlight.refuseReports(0);
  chance.mockReturnValue(0);
  expect(await inFlight.run("reports", true, () => 1)).toBe(1);
});
