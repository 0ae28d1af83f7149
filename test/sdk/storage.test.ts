import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  FakeStorage,
  minute,
  openClient,
  pass,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

class Unreadable extends FakeStorage {
  override getItem(): string | null {
    throw new DOMException("blocked", "SecurityError");
  }
}

class Unwritable extends FakeStorage {
  override setItem(): void {
    throw new DOMException("full", "QuotaExceededError");
  }
}

class Shut extends Unreadable {
  override setItem(): void {
    throw new DOMException("blocked", "SecurityError");
  }
}

test.each([
  ["cannot be read", new Unreadable()],
  ["cannot be written", new Unwritable()],
  ["cannot be used", new Shut()],
])("storage that %s is replaced by memory", async (_, storage) => {
  const { server, problems } = openClient({}, { storage });
  await pass(21 * minute);
  expect(server.requests).toHaveLength(5);
  expect(new Set(server.beats.map(({ anonymous }) => anonymous)).size).toBe(1);
  expect(problems).toEqual([]);
});

test("storage that fills up later sends no beat twice", async () => {
  const { server, storage, page } = openClient();
  await pass(6 * minute);
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  await pass(10 * minute);
  expect(server.requests).toHaveLength(4);
  page.wake();
  await pass(0);
  page.wake();
  await pass(0);
  expect(server.requests).toHaveLength(4);
});

test("storage that loses what is written makes no loop", async () => {
  const storage = new FakeStorage();
  storage.setItem("hc_pub_lossy_mac", "{}");
  storage.setItem = () => {};
  const { server } = openClient({ key: "hc_pub_lossy_mac" }, { storage });
  await pass(21 * minute);
  expect(server.requests).toHaveLength(5);
});

test("where there is no storage at all, or reaching for it throws, memory does", async () => {
  for (const reach of [
    () => undefined,
    () => {
      throw new DOMException("sandboxed", "SecurityError");
    },
  ]) {
    Object.defineProperty(globalThis, "localStorage", { configurable: true, get: reach });
    const { server, headcount } = openClient({ storage: undefined });
    await pass(6 * minute);
    expect(server.requests).toHaveLength(2);
    headcount.shutdown();
  }
  Reflect.deleteProperty(globalThis, "localStorage");
});

test.each(["", "{", "null", "[]", "5", '"text"', '{"anonymous":null}'])(
  "stored text %j is survived and repaired",
  async (text) => {
    const storage = new FakeStorage();
    storage.setItem("hc_pub_broken_mac", text);
    const { server, headcount } = openClient({ key: "hc_pub_broken_mac" }, { storage });
    await pass(6 * minute);
    expect(server.requests).toHaveLength(2);
    headcount.shutdown();
    expect(JSON.parse(storage.text)).toHaveProperty("id");
  },
);

test.each([
  '{"id":5,"first":{},"days":{},"unsent":[["x"]],"left":{},"from":"a","until":[],"failures":"many"}',
  '{"id":"","unsent":"x,,-1","from":0,"until":1e99,"first":"soon"}',
  '{"id":null,"user":{},"linked":7,"seen":"x","seenAs":[],"anonymous":5}',
  '{"from":1763632800000,"until":9e99,"isFirm":true}',
  '{"id":["a"],"seen":1,"next":1e99,"seenAs":null}',
  '{"id":"undefined","paceMs":-1e9,"tried":"x"}',
])("storage that holds %s is survived", async (text) => {
  const storage = new FakeStorage();
  storage.setItem("hc_pub_shape_mac", text);
  const { server, headcount, problems } = openClient({ key: "hc_pub_shape_mac" }, { storage });
  await pass(6 * minute);
  headcount.identify("u-42");
  await pass(6 * minute);
  expect(server.users.filter(Boolean).length).toBeGreaterThan(1);
  expect(problems).toEqual([]);
  headcount.shutdown();
});

test("one short entry is kept, under a name that no ad blocker looks for", async () => {
  const { storage, headcount } = openClient({ key: "hc_pub_small_mac" });
  await pass(0);
  headcount.identify("u-42");
  await pass(20 * minute);
  expect([...storage.items.keys()]).toEqual(["hc_pub_small_mac"]);
  expect(storage.text.length).toBeLessThan(300);
});

test("a browser that asks not to be tracked, or is a robot, is left alone and keeps nothing", async () => {
  for (const signals of [{ globalPrivacyControl: true }, { webdriver: true }]) {
    vi.stubGlobal("navigator", signals);
    const { server, storage, headcount } = openClient();
    headcount.identify("u-42");
    headcount.heartbeat();
    await pass(20 * minute);
    expect(server.requests).toHaveLength(0);
    expect(storage.items.size).toBe(0);
    headcount.shutdown();
  }
});

test("both can be overridden, each by its own option", async () => {
  vi.stubGlobal("navigator", { globalPrivacyControl: true, webdriver: true });
  const both = openClient({ ignoreGpc: true, includeBots: true });
  const one = openClient({ ignoreGpc: true });
  const other = openClient({ includeBots: true });
  await pass(0);
  expect([both, one, other].map(({ server }) => server.requests.length)).toEqual([1, 0, 0]);
});
