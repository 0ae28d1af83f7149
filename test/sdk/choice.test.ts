import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  FakePage,
  FakeStorage,
  minute,
  openClient,
  pass,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("whoever opts out is not counted on this page, nor on any that is opened later", async () => {
  const client = openClient();
  await pass(0);
  expect(client.server.requests).toHaveLength(1);
  client.headcount.optOut();
  client.headcount.identify("u-42");
  client.headcount.heartbeat();
  await pass(20 * minute);
  expect(client.server.requests).toHaveLength(1);
  const later = client.reload();
  later.headcount.identify("u-42");
  later.headcount.heartbeat();
  await pass(20 * minute);
  expect(client.server.requests).toHaveLength(1);
});

test("opting out forgets who it was and what was unsent, and keeps the wish alone", async () => {
  const { headcount, storage, server } = openClient();
  server.answer = () => Promise.reject(new TypeError("offline"));
  await pass(10 * minute);
  expect(storage.text).toContain("unsent");
  headcount.optOut();
  expect(storage.text).toBe('{"out":1}');
  await pass(20 * minute);
  expect(storage.text).toBe('{"out":1}');
});

test("signing out does not opt in", async () => {
  const { headcount, storage, server } = openClient();
  await pass(0);
  headcount.optOut();
  headcount.reset();
  headcount.heartbeat();
  await pass(10 * minute);
  expect(JSON.parse(storage.text)).toEqual({ out: 1, left: start });
  expect(server.requests).toHaveLength(1);
});

test("whoever opts in again is counted again, as somebody new", async () => {
  const { headcount, server } = openClient();
  await pass(0);
  headcount.optOut();
  headcount.optIn();
  await pass(0);
  const [before, after] = server.beats.map(({ anonymous }) => anonymous);
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
});

test("until consent is given nothing is stored and nothing is sent", async () => {
  let answer: boolean | Promise<boolean> = false;
  const { headcount, server, storage, page } = openClient({ consent: () => answer });
  headcount.identify("u-42");
  await pass(10 * minute);
  answer = Promise.resolve(false);
  page.wake();
  await pass(10 * minute);
  expect([server.requests.length, storage.items.size]).toEqual([0, 0]);
  answer = Promise.resolve(true);
  headcount.heartbeat();
  await pass(0);
  expect(server.users).toEqual(["u-42"]);
});

test.each(["false", "denied", 1, {}, undefined, Promise.resolve("true")])(
  "consent is true and nothing else: %o is none",
  async (answer) => {
    const { server, storage } = openClient({ consent: () => answer as boolean });
    await pass(10 * minute);
    expect([server.requests.length, storage.items.size]).toEqual([0, 0]);
  },
);

test("consent that is asked for and fails is no consent, and is told", async () => {
  const { server, storage, problems } = openClient({
    consent: () => Promise.reject(new Error("the dialog is broken")),
  });
  await pass(0);
  expect([server.requests.length, storage.items.size]).toEqual([0, 0]);
  expect(problems).toEqual([new Error("the dialog is broken")]);
});

test("an installation is known again for as long as it is asked to be", async () => {
  const [local, session] = [new FakeStorage(), new FakeStorage()];
  vi.stubGlobal("localStorage", local);
  vi.stubGlobal("sessionStorage", session);
  for (const [persistence, kept] of [
    [undefined, local],
    ["local", local],
    ["session", session],
    ["memory", undefined],
  ] as const) {
    local.items.clear();
    session.items.clear();
    const options = { persistence, storage: undefined };
    const page = new FakePage();
    const client = openClient(options, { page });
    await pass(0);
    await pass(6 * minute);
    const names = client.server.beats.map(({ anonymous }) => anonymous);
    // While the page lives it is one installation, wherever that is kept.
    expect(new Set(names).size).toBe(1);
    expect(names.length).toBe(2);
    expect([local.items.size, session.items.size]).toEqual([
      Number(kept === local),
      Number(kept === session),
    ]);
    client.headcount.shutdown();
  }
});

test("a beat that the server rejects is told, and not sent again", async () => {
  const { server, problems } = openClient();
  server.answer = () =>
    Response.json({ accepted: 0, rejected: [{ index: 0, error: "since: expected a day" }], interval: 300 });
  await pass(4 * minute);
  expect(problems).toEqual([new Error("since: expected a day")]);
  expect(server.requests).toHaveLength(1);
});
