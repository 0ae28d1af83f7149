import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  accept,
  hour,
  minute,
  offline,
  openClient,
  pass,
  refuse,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("a beat is a POST that needs no preflight, asks for no cookies, outlives the page and can be cancelled", async () => {
  const { server } = openClient({ key: "hc_pub_shape_mac", endpoint: "/hb" });
  await pass(0);
  const [{ url, request, body } = {}] = server.requests;
  expect(url).toBe("/hb/v1/heartbeat");
  expect(request).toEqual({
    method: "POST",
    body: expect.any(String),
    keepalive: true,
    signal: expect.any(AbortSignal),
  });
  expect(body?.key).toBe("hc_pub_shape_mac");
});

test("without a fetch of its own it takes the global one of the moment", async () => {
  const { server, headcount } = openClient({ fetch: undefined });
  vi.stubGlobal("fetch", server.fetch);
  await pass(0);
  expect(server.requests).toHaveLength(1);
  headcount.shutdown();
});

test.each([
  ["no network", offline],
  ["500", refuse(500)],
  ["503", refuse(503)],
  ["429", refuse(429)],
  ["a hotel's log-in page", () => new Response("<html>", { status: 200 })],
])("after %s it tries again, ever more slowly, until it gets through", async (_, answer) => {
  const { server, problems } = openClient();
  server.answer = answer;
  await pass(hour);
  const tries = server.requests.map(({ at }) => at);
  const gaps = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  // The middle of what may be drawn: four times as long each time, an hour at most.
  // Where a slot was noted meanwhile, half of the second is added over which tabs are spread.
  expect(gaps).toEqual([8000, 32_000, 128_000, 512_500, 1_800_500]);
  expect(problems).toHaveLength(tries.length);
  server.answer = accept();
  await pass(hour);
  server.requests.length = 0;
  await pass(10 * minute);
  expect(server.requests).toHaveLength(2);
});

test("back-off has full jitter", async () => {
  const first: number[] = [];
  for (const drawn of [0.01, 0.3, 0.99]) {
    vi.mocked(Math.random).mockReturnValue(drawn);
    const { server, headcount } = openClient();
    server.answer = refuse(500);
    await pass(16_000);
    first.push((server.requests[1]?.at ?? 0) - (server.requests[0]?.at ?? 0));
    headcount.shutdown();
  }
  expect(first).toEqual([160, 4800, 15_840]);
});

test("Retry-After is kept to, whatever the page does meanwhile", async () => {
  for (const status of [429, 503]) {
    const { server, page, headcount } = openClient();
    server.answer = refuse(status, { "retry-after": "120" });
    await pass(0);
    server.answer = accept();
    for (let i = 0; i < 11; i++) {
      page.show(false);
      page.show();
      headcount.identify(`u-${i}`);
      headcount.heartbeat();
      await pass(10_000);
    }
    expect(server.requests).toHaveLength(1);
    await pass(20_000);
    expect(server.requests).toHaveLength(2);
    expect(server.users[1]).toBe("u-10");
    headcount.shutdown();
  }
});

test("a Retry-After of years or in words does no harm", async () => {
  const { server } = openClient();
  server.answer = refuse(503, { "retry-after": "999999999" });
  await pass(23 * hour);
  expect(server.requests).toHaveLength(1);
  await pass(2 * hour);
  expect(server.requests).toHaveLength(2);

  const worded = openClient();
  worded.server.answer = refuse(503, { "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" });
  await pass(8000);
  expect(worded.server.requests).toHaveLength(2);
});

test("any other 4xx is given up for the slot and reported once", async () => {
  for (const status of [400, 401, 403, 404, 413]) {
    const { server, page, problems, headcount } = openClient();
    server.answer = refuse(status);
    await pass(0);
    page.wake();
    await pass(4 * minute);
    expect(server.requests).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ status });
    headcount.shutdown();
  }
});

test("what was refused counts after all once the key is right", async () => {
  const { server } = openClient();
  server.answer = refuse(401);
  await pass(20 * minute);
  server.answer = accept();
  await pass(10 * minute);
  const last = server.requests.at(-1);
  expect(last?.body.beats).toHaveLength(1);
});

test("a network that is back cuts the back-off short", async () => {
  const { server, page } = openClient();
  server.answer = offline;
  await pass(20 * minute);
  server.requests.length = 0;
  server.answer = accept();
  page.wake();
  await pass(0);
  expect(server.requests).toHaveLength(1);
});

test("a request that is never answered is cancelled, and asked again ever less often, with what was missed", async () => {
  const { server, problems } = openClient();
  server.answer = () => new Promise(() => {});
  await pass(19_000);
  const isCancelled = () => server.requests.map(({ request }) => request.signal?.aborted);
  expect(isCancelled()).toEqual([false]);
  await pass(2000);
  expect(isCancelled()).toEqual([true]);
  expect(problems).toEqual([new Error("no answer")]);
  await pass(hour);
  expect(server.requests.length).toBeLessThanOrEqual(6);
  server.answer = accept();
  await pass(hour);
  expect(server.beats.at(-1)).not.toHaveProperty("at");
  expect(server.requests.at(-1)?.request.signal?.aborted).toBe(false);
});

test("retries stop while the page is hidden", async () => {
  const { server, page } = openClient();
  server.answer = offline;
  await pass(0);
  page.show(false);
  await pass(hour);
  expect(server.requests).toHaveLength(1);
});

test("nothing is logged, thrown or rejected, even if onError throws", async () => {
  const logged = vi.spyOn(console, "error");
  const warned = vi.spyOn(console, "warn");
  const rejected = vi.fn();
  process.on("unhandledRejection", rejected);
  const { server, headcount } = openClient({
    onError: () => {
      throw new Error("the app's own");
    },
  });
  server.answer = offline;
  headcount.heartbeat();
  await pass(hour);
  expect(server.requests.length).toBeGreaterThan(4);
  server.requests.length = 0;
  server.answer = accept();
  await pass(hour);
  expect(server.requests.length).toBeGreaterThan(0);
  headcount.shutdown();
  vi.useRealTimers();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", rejected);
  expect(rejected).not.toHaveBeenCalled();
  expect(logged).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
});
