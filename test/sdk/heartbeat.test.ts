import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { init } from "../../sdk/index.ts";
import { FakePage, minute, openClient, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("a visible page beats at once, in a later task", async () => {
  const { server } = openClient();
  expect(server.requests).toHaveLength(0);
  await pass(0);
  expect(server.requests).toHaveLength(1);
  expect(server.beats[0]).toMatchObject({
    via: "foreground",
    anonymous: expect.stringMatching(/^[\d-]{10,}$/),
  });
  expect(server.beats[0]).not.toHaveProperty("at");
});

test("a visible page beats once in every slot", async () => {
  const { server } = openClient();
  await pass(60 * minute);
  const slots = server.requests.map(({ at }) => Math.floor(at / (5 * minute)));
  expect(slots).toHaveLength(13);
  expect(new Set(slots).size).toBe(13);
});

test("the server sets the pace, which is never below a slot", async () => {
  const { server } = openClient();
  server.answer = () => Response.json({ accepted: 1, rejected: [], interval: 900 });
  await pass(30 * minute);
  expect(server.requests).toHaveLength(3);

  const eager = openClient();
  eager.server.answer = () => Response.json({ accepted: 1, rejected: [], interval: 1 });
  await pass(30 * minute);
  expect(eager.server.requests.length).toBeLessThanOrEqual(7);
});

test.each([undefined, Number.NaN, -5, 1e12, "soon"])("an interval of %s does no harm", async (interval) => {
  const { server } = openClient();
  server.answer = () => new Response(JSON.stringify({ accepted: 1, rejected: [], interval }));
  await pass(60 * minute);
  expect(server.requests.length).toBeLessThanOrEqual(13);
});

test("beats of pages that stay open are spread over the first minute of a slot", async () => {
  const random = vi.mocked(Math.random);
  const seconds: number[] = [];
  for (const drawn of [0, 0.25, 0.5, 0.999]) {
    random.mockReturnValue(drawn);
    const { server, headcount } = openClient();
    await pass(5 * minute + 30_000);
    const last = server.requests.at(-1);
    seconds.push(Math.floor(((last?.at ?? 0) % (5 * minute)) / 1000));
    headcount.shutdown();
    vi.setSystemTime(Date.parse("2026-11-20T10:00:30Z"));
  }
  expect(seconds).toEqual([0, 15, 30, 59]);
});

test("a hidden page sends nothing until it is shown, and again nothing once it is hidden", async () => {
  const page = new FakePage();
  page.visible = false;
  const { server } = openClient({}, { page });
  await pass(20 * minute);
  expect(server.requests).toHaveLength(0);
  page.show();
  await pass(0);
  expect(server.requests).toHaveLength(1);
  page.show(false);
  await pass(60 * minute);
  expect(server.requests).toHaveLength(1);
  page.show();
  await pass(0);
  expect(server.requests).toHaveLength(2);
});

test("everything that fires at once is one beat", async () => {
  const { server, page } = openClient();
  for (let i = 0; i < 10; i++) page.wake();
  await pass(1);
  for (let i = 0; i < 10; i++) page.wake();
  await pass(1);
  expect(server.requests).toHaveLength(1);
});

test("signs of life while a beat is under way send no other", async () => {
  const { server, page } = openClient();
  let answer: (response: Response) => void = () => {};
  server.answer = () => new Promise((resolve) => (answer = resolve));
  await pass(0);
  page.wake();
  await pass(10_000);
  expect(server.requests).toHaveLength(1);
  answer(Response.json({ accepted: 1, rejected: [], interval: 300 }));
  await pass(minute);
  expect(server.requests).toHaveLength(1);
});

test("a reload within a slot sends nothing, in the next slot it does", async () => {
  let client = openClient();
  await pass(0);
  client = client.reload();
  await pass(minute);
  expect(client.server.requests).toHaveLength(1);
  client = client.reload();
  await pass(5 * minute);
  expect(client.server.requests).toHaveLength(2);
  expect(new Set(client.server.beats.map(({ anonymous }) => anonymous)).size).toBe(1);
});

test("two tabs that stay open share their beats", async () => {
  const first = openClient({ key: "hc_pub_tabs_mac" });
  await pass(0);
  // Another tab has a module of its own, and so another registry.
  vi.resetModules();
  const { init: initInOtherTab } = await import("../../sdk/index.ts");
  const { server, storage } = first;
  const other = initInOtherTab({
    endpoint: "https://hc.test",
    key: "hc_pub_tabs_mac",
    fetch: server.fetch,
    storage,
    lifecycle: new FakePage(),
  });
  expect(other).not.toBe(first.headcount);
  vi.mocked(Math.random).mockReturnValueOnce(0.1).mockReturnValue(0.9);
  await pass(20 * minute + 30_000);
  expect(server.requests).toHaveLength(5);
});

test("a manual heartbeat counts a hidden page, and is not sent again in its slot", async () => {
  const page = new FakePage();
  page.visible = false;
  const { server, headcount } = openClient({}, { page });
  headcount.heartbeat();
  headcount.heartbeat();
  await pass(0);
  headcount.heartbeat();
  await pass(60 * minute);
  expect(server.beats).toMatchObject([{ via: "manual" }]);
});

test("the same key is the same instance until it is shut down", async () => {
  const { headcount, server, page } = openClient({ key: "hc_pub_once_mac" });
  expect(init({ endpoint: "https://elsewhere.test", key: "hc_pub_once_mac" })).toBe(headcount);
  await pass(0);
  headcount.shutdown();
  headcount.shutdown();
  expect(page.listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const next = openClient({ key: "hc_pub_once_mac" });
  expect(next.headcount).not.toBe(headcount);
  headcount.heartbeat();
  await pass(60 * minute);
  expect(server.requests).toHaveLength(1);
});

test("a shutdown during a request leaves nothing behind", async () => {
  const { headcount, server } = openClient();
  await pass(0);
  for (const last of [
    () => Response.json({ accepted: 1, rejected: [], interval: 300 }),
    () => Response.error(),
  ]) {
    const client = openClient();
    let answer: (response: Response) => void = () => {};
    client.server.answer = () => new Promise((resolve) => (answer = resolve));
    await pass(0);
    client.headcount.shutdown();
    answer(last());
    await pass(60 * minute);
    expect(client.server.requests).toHaveLength(1);
  }
  headcount.shutdown();
  expect(server.requests.length).toBeGreaterThan(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("rendered on a server it does nothing", async () => {
  const spy = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", spy);
  const headcount = init({ endpoint: "https://hc.test", key: "hc_pub_ssr_mac" });
  headcount.identify("u-1");
  headcount.heartbeat();
  headcount.reset();
  expect(vi.getTimerCount()).toBe(0);
  await pass(60 * minute);
  headcount.shutdown();
  expect(spy).not.toHaveBeenCalled();
});
