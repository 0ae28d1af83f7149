import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HeadcountError } from "../../../sdk/server/index.ts";
import { minute, pass, restartTheClock, start, stopTheClock } from "../../support/fake-client.ts";
import { acceptAll, openServer, problem, unreachable } from "../../support/fake-service.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

const second = 1000;

test.each([
  ["out of reach", unreachable, "unreachable"],
  ["failing", problem(503), "unavailable"],
  ["overrun", problem(429), "unavailable"],
  ["behind a hotel's log-in page", () => new Response("<p>Log in"), "unreachable"],
  ["something else", () => Response.json({ hello: "world" }), "unreachable"],
] as const)(
  "while the service is %s nothing is lost, and each user is sent once a slot",
  async (_, answer, code) => {
    const { headcount, service, errors } = openServer();
    service.answer = answer;
    for (let elapsed = 0; elapsed < 20; elapsed++) {
      for (const user of ["u-1", "u-2"]) headcount.touch(user);
      await pass(minute);
    }
    expect(errors.length).toBeGreaterThan(2);
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set([code]));
    service.requests.length = 0;
    service.answer = acceptAll;
    await pass(5 * minute);
    const slots = service.beats.map(
      ({ user, at }) => `${user} ${at === undefined ? "now" : Math.floor(at / (5 * minute))}`,
    );
    expect(slots).toHaveLength(8);
    expect(new Set(slots).size).toBe(8);
  },
);

test("the pauses double up to five minutes, with full jitter", async () => {
  const { headcount, service } = openServer({ gatherMs: 0 });
  service.answer = unreachable;
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  headcount.touch("u-42");
  await pass(60 * minute);
  const gaps = service.requests.map(({ at }, index) => at - (service.requests[index - 1]?.at ?? start));
  expect(gaps.slice(1, 5).map((ms) => Math.round(ms / second))).toEqual([2, 4, 8, 16]);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(300 * second);
  expect(gaps.at(-1)).toBeGreaterThan(299 * second);

  const lucky = openServer({ gatherMs: 0 });
  lucky.service.answer = unreachable;
  vi.spyOn(Math, "random").mockReturnValue(0.01);
  lucky.headcount.touch("u-42");
  await pass(30 * second);
  expect(lucky.service.requests.length).toBeGreaterThan(9);
});

test.each([
  ["in seconds", "120"],
  ["as a date", new Date(start + 121 * second).toUTCString()],
])("Retry-After %s is kept to", async (_, retryAfter) => {
  const { headcount, service, errors } = openServer();
  service.answer = problem(503, { "retry-after": retryAfter });
  headcount.touch("u-42");
  await pass(120 * second);
  expect(service.requests).toHaveLength(1);
  expect(errors).toMatchObject([{ code: "unavailable", status: 503, retryAfterMs: 120 * second }]);
  service.answer = acceptAll;
  await pass(10 * second);
  expect(service.requests).toHaveLength(2);
});

test("a request without an answer is given up after its time, and repeated", async () => {
  const { headcount, service, errors } = openServer({ timeoutMs: 50 });
  service.answer = () => new Promise(() => {});
  // The time-out of a request is the platform's own, which no fake clock moves.
  vi.useRealTimers();
  headcount.touch("u-42");
  expect(await headcount.flush({ timeoutMs: 200 })).toBe(false);
  expect(errors[0]).toMatchObject({ code: "unreachable", message: expect.stringContaining("within 50 ms") });
  service.answer = acceptAll;
  expect(await headcount.flush()).toBe(true);
  expect(service.beats.at(-1)).toMatchObject({ user: "u-42" });
});

test("what is refused for good is given up, with the problem and the number of beats", async () => {
  const { headcount, service, errors } = openServer();
  service.answer = problem(401);
  headcount.touch("u-1");
  headcount.touch("u-2");
  await pass(minute);
  expect(service.requests).toHaveLength(1);
  expect(errors).toMatchObject([
    { code: "refused", status: 401, count: 2, problem: { type: "some-slug", detail: "what was wrong" } },
  ]);
  expect(errors[0]).toBeInstanceOf(HeadcountError);
  expect(errors[0]?.message).toContain("some-slug: what was wrong");
  headcount.touch("u-1");
  await pass(minute);
  expect(service.requests).toHaveLength(1);
});

test("beats that the service rejects are reported in its words and not repeated", async () => {
  const { headcount, service, errors } = openServer();
  service.answer = () =>
    Response.json({ accepted: 1, rejected: 1, errors: [{ line: 2, error: "at: too old" }] });
  headcount.touch("u-1");
  headcount.touch("u-2", { at: 0 });
  await pass(minute);
  expect(service.requests).toHaveLength(1);
  expect(errors).toMatchObject([{ code: "rejected", count: 1, rejections: ["at: too old"] }]);
});

test("more than may wait drops the oldest, and says how many", async () => {
  const { headcount, service, errors } = openServer({ maxWaiting: 100, maxRemembered: 10_000 });
  service.answer = unreachable;
  for (let user = 0; user < 250; user++) headcount.touch(`u-${user}`);
  await pass(second);
  expect(errors.filter(({ code }) => code === "dropped")).toMatchObject([{ count: 150 }]);
  service.requests.length = 0;
  service.answer = acceptAll;
  await pass(minute);
  expect(service.beats.map(({ user }) => user)).toEqual(
    Array.from({ length: 100 }, (_, user) => `u-${user + 150}`),
  );
});

test("what could not be sent goes before what came meanwhile", async () => {
  const { headcount, service } = openServer();
  service.answer = () => {
    headcount.touch("later");
    return unreachable();
  };
  headcount.touch("first");
  await pass(second);
  service.requests.length = 0;
  service.answer = acceptAll;
  await pass(minute);
  expect(service.beats.map(({ user }) => user)).toEqual(["first", "later"]);
});

test("flush sends at once, tries again, and tells whether all is durable", async () => {
  const { headcount, service } = openServer();
  headcount.touch("u-1");
  expect(await headcount.flush()).toBe(true);
  expect(service.requests).toHaveLength(1);
  expect(await headcount.flush()).toBe(true);

  service.answer = unreachable;
  headcount.touch("u-2");
  let flushed: boolean | undefined;
  void headcount.flush({ timeoutMs: 5000 }).then((isSent) => (flushed = isSent));
  await pass(5000);
  expect(flushed).toBe(false);
  expect(service.requests.length).toBeGreaterThan(2);

  void headcount.flush({ timeoutMs: 5000 }).then((isSent) => (flushed = isSent));
  await pass(1);
  service.answer = acceptAll;
  await pass(5000);
  expect(flushed).toBe(true);
});

test("flush leaves a service alone that asked for it", async () => {
  const { headcount, service } = openServer();
  service.answer = problem(503, { "retry-after": "60" });
  headcount.touch("u-42");
  await pass(second);
  const flushed = headcount.flush({ timeoutMs: 5000 });
  await pass(5000);
  expect(await flushed).toBe(false);
  expect(service.requests).toHaveLength(1);
  service.answer = acceptAll;
  await pass(2 * minute);
  expect(service.requests).toHaveLength(2);
});

test("flush waits for what is on its way", async () => {
  const { headcount, service } = openServer();
  let answer: (response: Response) => void = () => {};
  service.answer = () => new Promise((resolve) => (answer = resolve));
  headcount.touch("u-42");
  await pass(second);
  let flushed: boolean | undefined;
  void headcount.flush().then((isSent) => (flushed = isSent));
  await pass(second);
  expect(flushed).toBeUndefined();
  answer(acceptAll(1));
  await pass(0);
  expect(flushed).toBe(true);
  expect(service.requests).toHaveLength(1);
});

test("close sends what waits and leaves no timer; later touches are reported", async () => {
  const { headcount, service, errors } = openServer();
  headcount.touch("u-1");
  expect(await headcount.close()).toBe(true);
  expect(service.beats).toHaveLength(1);
  headcount.touch("u-2");
  expect(errors).toMatchObject([{ code: "closed" }]);
  expect(await headcount.close()).toBe(true);

  const down = openServer();
  down.service.answer = unreachable;
  down.headcount.touch("u-1");
  const closed = down.headcount.close({ timeoutMs: 100 });
  await pass(100);
  expect(await closed).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("flush and close wait for whoever is being found, and no longer than they may", async () => {
  const { headcount, service, errors } = openServer();
  let find: (user: string) => void = () => {};
  const finding = () => new Promise<string>((resolve) => (find = resolve));
  headcount.touchIdentified(finding);
  const early = headcount.flush({ timeoutMs: 100 });
  await pass(100);
  expect(await early).toBe(false);
  expect(service.beats).toEqual([]);
  const flushed = headcount.flush();
  find("u-1");
  expect(await flushed).toBe(true);
  expect(service.beats).toMatchObject([{ user: "u-1" }]);

  headcount.touchIdentified(finding);
  const closed = headcount.close();
  find("u-2");
  expect(await closed).toBe(true);
  expect(service.beats).toMatchObject([{ user: "u-1" }, { user: "u-2" }]);
  headcount.touchIdentified(() => Promise.resolve("u-3"));
  expect(await headcount.close()).toBe(true);
  expect(errors).toMatchObject([{ code: "closed" }]);
  expect(vi.getTimerCount()).toBe(0);
});

test("with waitUntil a failure is followed by silence, and the next new user takes along what waits", async () => {
  const work: Promise<unknown>[] = [];
  const { headcount, service } = openServer({ waitUntil: (promise) => work.push(promise) });
  service.answer = problem(503, { "retry-after": "10" });
  headcount.touch("u-1");
  await Promise.all(work);
  headcount.touch("u-2");
  await Promise.all(work);
  expect(service.requests).toHaveLength(1);
  service.answer = acceptAll;
  await pass(minute);
  expect(service.requests).toHaveLength(1);
  headcount.touch("u-3");
  await Promise.all(work);
  expect(service.batches.at(-1)?.map(({ user }) => user)).toEqual(["u-1", "u-2", "u-3"]);
});

test("a timer that was set before a pause keeps to it", async () => {
  const { headcount, service } = openServer({ gatherMs: 2 * second });
  service.answer = problem(503, { "retry-after": "60" });
  headcount.touch("u-1");
  const flushed = headcount.flush({ timeoutMs: second });
  headcount.touch("u-2");
  await pass(second);
  expect(await flushed).toBe(false);
  await pass(50 * second);
  expect(service.requests).toHaveLength(1);
  service.answer = acceptAll;
  await pass(20 * second);
  expect(new Set(service.beats.map(({ user }) => user))).toEqual(new Set(["u-1", "u-2"]));
});

test("after a success the pauses are short again", async () => {
  const { headcount, service } = openServer({ gatherMs: 0 });
  service.answer = unreachable;
  headcount.touch("u-1");
  await pass(10 * minute);
  service.answer = acceptAll;
  await pass(10 * minute);
  service.answer = unreachable;
  service.requests.length = 0;
  headcount.touch("u-2");
  await pass(4 * second);
  expect(service.requests).toHaveLength(3);
});
