import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { activeNow } from "../support/active-now.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { openPhone } from "../support/fake-phone.ts";
import { stayWithinSlot } from "../support/slot.ts";

let service: TestServer;

beforeAll(async () => {
  service = await startServer();
});
afterAll(async () => {
  await service?.stop();
  await cleanUp();
});

test("phones are counted by the real service: an installation each, a person once signed in on both", async () => {
  await stayWithinSlot();
  const options = { endpoint: service.url, key: service.keys.public, fetch: undefined };
  const first = openPhone(options);
  await vi.waitFor(async () => expect(await activeNow(service)).toBe(1), 10_000);
  const again = first.restart();
  again.headcount.identify("u-42");
  await vi.waitFor(() => expect([...again.storage.items.values()].join("")).toContain("linked"), 10_000);
  expect(await activeNow(service)).toBe(1);
  again.headcount.shutdown();

  const second = openPhone(options);
  await vi.waitFor(async () => expect(await activeNow(service)).toBe(2), 10_000);
  second.headcount.identify("u-42");
  await vi.waitFor(async () => expect(await activeNow(service)).toBe(1), 10_000);
  second.headcount.shutdown();
  expect([...first.problems, ...again.problems, ...second.problems]).toEqual([]);
});
