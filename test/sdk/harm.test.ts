import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { init } from "../../sdk/index.ts";
import { connect } from "../../sdk/socket.ts";
import {
  accept,
  FakePage,
  FakeServer,
  FakeStorage,
  hour,
  minute,
  offline,
  openClient,
  pass,
  refuse,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";
import { FakeSocket } from "../support/fake-socket.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

/** The SDK as another tab has it: with a module, and so a registry, of its own. */
async function otherTab(): Promise<typeof init> {
  vi.resetModules();
  return (await import("../../sdk/index.ts")).init;
}

const hang = (): Promise<Response> => new Promise(() => {});

test("of all tabs one has a heartbeat on its way, until that is answered or given up", async () => {
  const [server, storage] = [new FakeServer(), new FakeStorage()];
  server.answer = hang;
  const stops: (() => void)[] = [];
  for (let tab = 0; tab < 6; tab++) {
    const initHere = await otherTab();
    const { fetch } = server;
    const options = { endpoint: "https://hc.test", key: "hc_pub_six_mac", fetch, storage };
    const headcount = initHere({ ...options, lifecycle: new FakePage() });
    headcount.identify(`u-${tab}`);
    stops.push(() => headcount.shutdown());
  }
  const open = () => server.requests.filter(({ request }) => !request.signal?.aborted).length;
  for (let seconds = 0; seconds < 3600; seconds += 5) {
    await pass(5000);
    expect(open()).toBeLessThanOrEqual(1);
  }
  for (const stop of stops) stop();
});

test("a page that is left before the answer keeps the next ones waiting, and none of them outlives its page", async () => {
  let client = openClient();
  client.server.answer = hang;
  await pass(0);
  for (let click = 0; click < 9; click++) {
    client = client.reload();
    await pass(1000);
  }
  // `reload()` shuts the page down, which cancels; a browser that leaves a page just forgets it.
  const kept = client.server.requests.filter(({ request }) => request.keepalive);
  expect(kept).toHaveLength(1);
});

test("an endpoint that is blocked is tried no more than one that works, however many pages are opened", async () => {
  const tries = async (answer: () => Response | Promise<Response>) => {
    let client = openClient();
    client.server.answer = answer;
    for (let minutes = 0; minutes < 120; minutes += 2) {
      client = client.reload();
      await pass(2 * minute);
    }
    client.headcount.shutdown();
    return client.server.requests.length;
  };
  const works = await tries(accept());
  expect(await tries(offline)).toBeLessThanOrEqual(works + 2);
  expect(await tries(refuse(403))).toBeLessThanOrEqual(works + 2);
  expect(await tries(refuse(500))).toBeLessThan(works);
});

test("what is blocked for a day is tried ever less often", async () => {
  const { server } = openClient();
  server.answer = offline;
  await pass(24 * hour);
  const gaps = server.requests.slice(1).map(({ at }, i) => at - (server.requests[i]?.at ?? 0));
  expect(gaps.slice(0, 4)).toEqual(gaps.slice(0, 4).toSorted((one, other) => one - other));
  expect(Math.min(...gaps.slice(5))).toBeGreaterThanOrEqual(30 * minute);
});

test("where the browser knows that it is offline, the network that is back finds no wait", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  const { server, page } = openClient();
  server.answer = offline;
  await pass(1000);
  server.requests.length = 0;
  vi.stubGlobal("navigator", { onLine: true });
  server.answer = accept();
  page.wake();
  await pass(0);
  expect(server.requests).toHaveLength(1);
});

test.each<[string, () => unknown]>([
  ["returns nothing", () => undefined],
  [
    "throws",
    () => {
      throw new Error("wrapped");
    },
  ],
  ["answers 200 {}", () => Response.json({})],
  ["answers 200 null", () => Response.json(null)],
  ["answers a text", () => Response.json("ok")],
  ["answers an object that is no Response", () => ({ ok: true })],
  ["rejects with nothing", () => Promise.reject()],
  ["rejects with a symbol", () => Promise.reject(Symbol("x"))],
  ["fails without headers", () => ({ ok: false, status: 500 })],
  ["fails with headers that are a plain object", () => ({ ok: false, status: 503, headers: {} })],
  ["fails with headers that throw", () => ({ ok: false, status: 500, headers: { get: () => Symbol("x") } })],
  ["asks for a wait of less than nothing", refuse(503, { "retry-after": "-100" })],
])("a fetch that %s throws nothing and acknowledges nothing", async (_, answer) => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const { server, storage, headcount } = openClient();
  server.answer = answer as () => Response;
  await pass(minute);
  expect(JSON.parse(storage.text)).not.toHaveProperty("seen");
  server.answer = accept();
  await pass(hour);
  expect(JSON.parse(storage.text)).toMatchObject({ seen: expect.any(Number), unsent: "" });
  headcount.shutdown();
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test.each<[string, object, () => unknown]>([
  ["dates without a zone", Date.prototype, () => "25.11.2026 10:00"],
  ["dates as numbers", Date.prototype, () => 1_795_203_773_884],
  // Prototype.js 1.6
  [
    "lists as texts",
    Array.prototype,
    function toText(this: unknown[]) {
      return `[${this.join(", ")}]`;
    },
  ],
])(
  "a page that makes %s in JSON is counted, and so are the origin's others",
  async (_, prototype, toJSON) => {
    const own = Object.getOwnPropertyDescriptor(prototype, "toJSON");
    Object.defineProperty(prototype, "toJSON", { value: toJSON, configurable: true, writable: true });
    let client = openClient();
    client.server.answer = () => new Response('{"accepted":1,"rejected":[],"interval":300}');
    await pass(0);
    client.headcount.identify("u-42", { since: new Date("2026-11-01T10:00:00Z") });
    await pass(6 * minute);
    const bodies = client.server.requests.map(({ request }) => request.body as string);
    if (own) Object.defineProperty(prototype, "toJSON", own);
    else Reflect.deleteProperty(prototype, "toJSON");
    for (const body of bodies) expect((JSON.parse(body) as { beats: unknown }).beats).toBeInstanceOf(Array);
    expect(client.server.beats.map(({ since }) => since)).toEqual([
      Date.parse("2026-11-20T10:00:00Z"),
      Date.parse("2026-11-01T10:00:00Z"),
      Date.parse("2026-11-01T10:00:00Z"),
    ]);
    client = client.reload();
    await pass(6 * minute);
    expect(client.problems).toEqual([]);
    expect(new Set(client.server.beats.flatMap(({ anonymous }) => anonymous ?? [])).size).toBe(1);
  },
);

test("a document without a window, and no navigator, is a server: nothing happens and nothing is thrown", async () => {
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("navigator", undefined);
  const client = openClient({ lifecycle: undefined });
  client.headcount.identify("u-42");
  client.headcount.heartbeat();
  await pass(10 * minute);
  expect(client.server.requests).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
  const elsewhere = openClient();
  await pass(0);
  expect(elsewhere.server.requests).toHaveLength(1);
});

test("a clock that is set back by a year does not keep a page waiting", async () => {
  let client = openClient();
  client.server.answer = refuse(503, { "retry-after": "80000" });
  await pass(0);
  vi.setSystemTime(Date.parse("2025-11-20T10:00:30Z"));
  client.server.answer = accept();
  client = client.reload();
  await pass(0);
  expect(client.server.requests).toHaveLength(2);
});

test("consent is asked for once at a time, and twenty signs of life meanwhile are one request", async () => {
  let agree: (answer: boolean) => void = () => {};
  const consent = vi.fn<() => Promise<boolean>>(() => new Promise((resolve) => (agree = resolve)));
  const { server, page } = openClient({ consent });
  for (let times = 0; times < 20; times++) {
    page.wake();
    await pass(1000);
  }
  agree(true);
  await pass(minute);
  expect(consent).toHaveBeenCalledTimes(1);
  expect(server.requests).toHaveLength(1);
});

test("a shutdown while consent is asked for ends that too: nothing is stored and nothing sent", async () => {
  let agree: (answer: boolean) => void = () => {};
  const client = openClient({ consent: () => new Promise((resolve) => (agree = resolve)) });
  await pass(0);
  client.headcount.shutdown();
  agree(true);
  await pass(hour);
  expect([client.server.requests.length, client.storage.items.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
});

test("a page that is hidden while consent is asked for waits until it is shown", async () => {
  let agree: (answer: boolean) => void = () => {};
  const { server, page } = openClient({ consent: () => new Promise((resolve) => (agree = resolve)) });
  await pass(0);
  page.show(false);
  agree(true);
  await pass(10 * minute);
  expect(server.requests).toHaveLength(0);
});

test("a shutdown cancels the request, closes the socket and keeps nobody waiting", async () => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  const client = openClient();
  client.server.answer = hang;
  client.headcount.identify("u-42");
  connect(client.headcount);
  await pass(0);
  FakeSocket.last.accept().answer();
  client.headcount.shutdown();
  expect(client.server.requests[0]?.request.signal?.aborted).toBe(true);
  expect(FakeSocket.open).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
  await pass(0);
  client.server.answer = accept();
  const next = openClient(
    { key: "hc_pub_next_life_mac" },
    { server: client.server, storage: client.storage },
  );
  next.headcount.identify("u-42");
  await pass(0);
  expect(client.server.requests).toHaveLength(2);
  expect(client.problems).toEqual([]);
});

test("timers run outside of Angular's zone", async () => {
  let depth = 0;
  const inside: boolean[] = [];
  const root = {
    run<Result>(work: () => Result): Result {
      depth++;
      const result = work();
      depth--;
      return result;
    },
  };
  vi.stubGlobal("Zone", { root });
  const { setTimeout: original } = globalThis;
  vi.stubGlobal("setTimeout", (work: () => void, ms: number) => {
    inside.push(depth > 0 || ms <= 20_000);
    return original(work, ms);
  });
  const { headcount, server } = openClient();
  headcount.identify("u-42");
  await pass(11 * minute);
  expect(server.requests).toHaveLength(3);
  expect(inside).not.toContain(false);
  // A page's own `Zone` is none of Angular's.
  vi.stubGlobal("Zone", { name: "a time zone" });
  openClient();
  await pass(0);
});
