import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Headcount } from "../../sdk/index.ts";
import {
  FakeServer,
  FakeStorage,
  minute,
  openClient,
  pass,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(() => {
  stopTheClock();
  vi.resetModules();
  Reflect.deleteProperty(globalThis, Symbol.for("headcount"));
});
afterEach(restartTheClock);

const throws = (): never => {
  throw new Error("the page's own");
};

/** A visible page whose events can be listened to. */
function page(globals: Record<string, unknown> = {}): void {
  const events = new EventTarget();
  const all = {
    document: { hidden: false },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    ...globals,
  };
  for (const [name, value] of Object.entries(all)) vi.stubGlobal(name, value);
}

test.each<[string, unknown]>([
  ["throws", throws],
  ["is a number", 5],
])(
  "a page whose addEventListener %s is counted while it is open, and nothing is thrown",
  async (_, listen) => {
    page({ addEventListener: listen });
    const { headcount, server } = openClient({ lifecycle: undefined });
    headcount.identify("u-42");
    await pass(6 * minute);
    expect(server.users).toEqual(["u-42", "u-42"]);
    headcount.shutdown();
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("listeners are added and removed on the window itself, as wrappers of them expect", async () => {
  const listening = new Set<string>();
  page({
    addEventListener(this: unknown, type: string) {
      if (this !== globalThis) throws();
      listening.add(type);
    },
    removeEventListener(this: unknown, type: string) {
      if (this !== globalThis) throws();
      listening.delete(type);
    },
  });
  const { headcount, problems } = openClient({ lifecycle: undefined, idleLimitMs: minute });
  expect([...listening]).toEqual(expect.arrayContaining(["pageshow", "keydown"]));
  headcount.shutdown();
  expect([listening.size, problems]).toEqual([0, []]);
});

test("an endpoint that is a URL is as good as its text", async () => {
  const { server } = openClient({ endpoint: new URL("https://hc.test/hb/") as never });
  await pass(0);
  expect(server.requests[0]?.url).toBe("https://hc.test/hb/v1/heartbeat");
});

/** Runs the script of a tag in a page, and gives the requests of ten minutes. */
async function runTag(dataset: Record<string, string>, window: object, src = "https://hc.test/sdk.js") {
  const server = new FakeServer();
  class Tag {
    readonly dataset = { key: "hc_pub_tag_mac", ...dataset };
    readonly src = src;
  }
  page({
    window,
    fetch: server.fetch,
    localStorage: new FakeStorage(),
    HTMLScriptElement: Tag,
    document: { hidden: false, currentScript: new Tag() },
  });
  vi.spyOn(console, "warn").mockImplementation(() => {});
  await import("../../sdk/script.ts");
  await pass(6 * minute);
  const started = (window as { [key: symbol]: Record<string, Headcount> })[Symbol.for("headcount")];
  for (const headcount of Object.values(started ?? {})) headcount.shutdown();
  return server.requests;
}

test.each<[string, PropertyDescriptor]>([
  ["can't be read", { get: throws }],
  ["can't be written", { get: () => undefined }],
  ["throws when it is written", { get: () => undefined, set: throws }],
  ["is frozen", { value: undefined, writable: false }],
  ["is a number", { value: 5 }],
  ["is a function", { value: () => {} }],
])("a tag in a page whose global of that name %s counts without one", async (_, descriptor) => {
  const window = Object.defineProperty({}, "headcount", descriptor);
  expect(await runTag({}, window)).toHaveLength(2);
  expect(Object.getOwnPropertyDescriptor(window, "headcount")).toEqual({
    ...Object.getOwnPropertyDescriptor(Object.defineProperty({}, "headcount", descriptor), "headcount"),
  });
});

test("a script without an address of its own throws nothing, and counts where it is told an endpoint", async () => {
  const blob = "blob:https://app.test/0d4bd6c2";
  expect(await runTag({}, {}, blob)).toEqual([]);
  vi.resetModules();
  expect(await runTag({ endpoint: "https://hc.test" }, {}, blob)).toHaveLength(2);
});
