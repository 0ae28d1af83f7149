import { afterAll, beforeAll, expect, test, vi } from "vitest";
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

async function count(): Promise<number | null | undefined> {
  const response = await fetch(`${service.url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${service.keys.read}` },
  });
  const { windows } = (await response.json()) as { windows: { count: number | null }[] };
  return windows[0]?.count;
}

test("phones are counted by the real service: an installation each, a person once signed in on both", async () => {
  await stayWithinSlot();
  const options = { endpoint: service.url, key: service.keys.public, fetch: undefined };
  const first = openPhone(options);
  await vi.waitFor(async () => expect(await count()).toBe(1), 10_000);
  const again = first.restart();
  again.headcount.identify("u-42");
  await vi.waitFor(() => expect([...again.storage.items.values()].join("")).toContain("linked"), 10_000);
  expect(await count()).toBe(1);
  again.headcount.shutdown();

  const second = openPhone(options);
  await vi.waitFor(async () => expect(await count()).toBe(2), 10_000);
  second.headcount.identify("u-42");
  await vi.waitFor(async () => expect(await count()).toBe(1), 10_000);
  second.headcount.shutdown();
  expect([...first.problems, ...again.problems, ...second.problems]).toEqual([]);
});
