import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect } from "../../sdk/socket.ts";
import {
  FakePage,
  FakeServer,
  FakeStorage,
  minute,
  openClient,
  pass,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";
import { FakeLocks, FakeSocket } from "../support/fake-socket.ts";
import { openSocket } from "../support/open-socket.ts";

const second = 1000;

beforeEach(() => {
  stopTheClock();
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(restartTheClock);

test("a tab that waits for its turn opens nothing, whatever signs of life come", async () => {
  vi.stubGlobal("navigator", { locks: new FakeLocks() });
  const [storage, server] = [new FakeStorage(), new FakeServer()];
  const tabs = [1, 2, 3, 4].map(() => openClient({}, { storage, server, page: new FakePage() }));
  for (const { headcount } of tabs) {
    headcount.identify("u-42");
    connect(headcount);
  }
  await pass(0);
  FakeSocket.last.accept().answer();
  for (let times = 0; times < 20; times++) {
    for (const { page } of tabs) page.wake();
    await pass(second);
    FakeSocket.last.answer();
  }
  expect(FakeSocket.all).toHaveLength(1);
  tabs[0]?.headcount.shutdown();
  await pass(0);
  expect(FakeSocket.open).toHaveLength(1);
  expect(FakeSocket.all).toHaveLength(2);
});

test("where locks are blocked, as cookies are, each tab holds its own socket", async () => {
  const request = () => Promise.reject(new DOMException("blocked", "SecurityError"));
  vi.stubGlobal("navigator", { locks: { request } });
  const { close, problems } = await openSocket();
  await pass(0);
  expect(FakeSocket.open).toHaveLength(1);
  close();
  await pass(minute);
  expect([FakeSocket.all.length, problems.length]).toEqual([1, 0]);
});

test("a shutdown closes it, also while consent or a token is being asked for", async () => {
  let agree: (answer: boolean) => void = () => {};
  const asked = vi.fn<() => Promise<boolean>>(() => new Promise((resolve) => (agree = resolve)));
  const client = openClient();
  client.headcount.identify("u-42");
  await pass(0);
  client.headcount.shutdown();
  const later = openClient({ consent: asked }, client);
  later.headcount.identify("u-42");
  await pass(0);
  agree(true);
  await pass(0);
  connect(later.headcount);
  await pass(0);
  for (let times = 0; times < 20; times++) later.page.wake();
  await pass(second);
  // Once for the first beat, once by the heartbeats that were woken, and once for the socket.
  expect(asked).toHaveBeenCalledTimes(3);
  later.headcount.shutdown();
  agree(true);
  await pass(60 * minute);
  expect(FakeSocket.all).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("signs of life neither postpone a ping nor cut short the wait that the server asked for", async () => {
  const { page } = await openSocket();
  FakeSocket.last.accept().answer();
  const { pings } = FakeSocket.last;
  for (let seconds = 0; seconds < 60; seconds += 10) {
    page.wake();
    await pass(10 * second);
    FakeSocket.last.answer();
  }
  expect(FakeSocket.last.pings - pings).toBe(2);
  FakeSocket.last.end(4429);
  for (let seconds = 0; seconds < 59; seconds++) {
    page.wake();
    await pass(second);
  }
  expect(FakeSocket.all).toHaveLength(1);
});

test("what arrives and can't be read is ignored", async () => {
  const { problems } = await openSocket();
  FakeSocket.last.accept();
  for (const text of ["", "{", "null", '{"token":5}']) FakeSocket.last.answer(text);
  await pass(30 * second);
  expect(FakeSocket.open).toHaveLength(1);
  expect(problems).toEqual([]);
});

test("a page that is idle stops pinging", async () => {
  const { page } = await openSocket();
  FakeSocket.last.accept().answer();
  page.visible = false;
  await pass(minute);
  expect(FakeSocket.open).toHaveLength(0);
});

test.each<[string, unknown]>([
  [
    "throw",
    {
      request: () => {
        throw new DOMException("denied", "SecurityError");
      },
    },
  ],
  ["are something else", {}],
])("where Web Locks %s, each tab has a socket", async (_, locks) => {
  vi.stubGlobal("navigator", { locks });
  await openSocket();
  await pass(second);
  FakeSocket.last.accept();
  expect(FakeSocket.last.sent[0]).toContain("u-42");
});

test("a user who signs in on somebody else's installation has nothing of it on the socket, and it stays open", async () => {
  const former = openClient();
  await pass(10 * minute);
  former.headcount.identify("u-41");
  await pass(10 * minute);
  const { headcount } = former.reload();
  connect(headcount);
  headcount.identify("u-42");
  await pass(0);
  FakeSocket.last.accept().answer();
  expect(JSON.parse(FakeSocket.last.sent[0] as string)).toHaveProperty("beats", [
    { user: "u-42", via: "socket" },
  ]);
  await pass(30 * second);
  expect(FakeSocket.all).toHaveLength(1);
});
