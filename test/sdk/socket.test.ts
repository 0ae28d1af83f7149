import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, observe } from "../../sdk/socket.ts";
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

test("the socket says who is here and then pings, at most every 30 seconds", async () => {
  await openSocket({ key: "hc_pub_a_mac" });
  expect(FakeSocket.last.url).toBe("wss://hc.test/v1/live");
  expect(FakeSocket.last.protocol).toBe("headcount.v1");
  FakeSocket.last.accept();
  const [first = "", ...pings] = FakeSocket.last.sent;
  expect(JSON.parse(first)).toEqual({
    key: "hc_pub_a_mac",
    beats: [{ user: "u-42", dimensions: { plan: "pro" }, via: "socket" }],
  });
  expect(pings).toEqual(["ping"]);
  for (let minutes = 0; minutes < 5; minutes++) {
    FakeSocket.last.answer();
    const before = FakeSocket.last.pings;
    await pass(30 * second);
    expect(FakeSocket.last.pings).toBe(before + 1);
  }
  expect(FakeSocket.all).toHaveLength(1);
});

test("an anonymous installation is named as its heartbeats name it", async () => {
  const { headcount, server } = openClient();
  connect(headcount);
  await pass(minute);
  FakeSocket.last.accept();
  const first = JSON.parse(FakeSocket.last.sent[0] as string) as { beats: [{ anonymous: string }] };
  expect(first.beats[0].anonymous).toBe(server.beats[0]?.anonymous);
});

test("of two tabs one holds the socket, and the other takes over when it is closed or frozen", async () => {
  const locks = new FakeLocks();
  vi.stubGlobal("navigator", { locks });
  const [storage, server] = [new FakeStorage(), new FakeServer()];
  const view = new EventTarget();
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  vi.stubGlobal("removeEventListener", view.removeEventListener.bind(view));
  const first = openClient({}, { storage, server });
  first.headcount.identify("u-42");
  connect(first.headcount);
  await pass(0);
  vi.stubGlobal("addEventListener", undefined);
  const other = openClient({}, { storage, server, page: new FakePage() });
  other.headcount.identify("u-42");
  connect(other.headcount);
  await pass(minute);
  // Neither answered: the first tab's was given up as half open and opened anew. The other tab waits for its turn.
  expect(FakeSocket.open.length).toBeLessThanOrEqual(1);
  FakeSocket.last.accept();
  const before = FakeSocket.all.length;
  view.dispatchEvent(new Event("freeze"));
  await pass(0);
  expect(FakeSocket.open).toHaveLength(1);
  expect(FakeSocket.all.length).toBe(before + 1);
});

test("a page that is hidden stops pinging, closes after a while, and opens again when it is shown", async () => {
  const { page } = await openSocket();
  FakeSocket.last.accept().answer();
  page.show(false);
  const { pings } = FakeSocket.last;
  await pass(29 * second);
  expect([FakeSocket.last.pings, FakeSocket.open.length]).toEqual([pings, 1]);
  await pass(2 * second);
  expect(FakeSocket.open).toHaveLength(0);
  await pass(20 * minute);
  expect(FakeSocket.all).toHaveLength(1);
  page.show();
  await pass(0);
  expect(FakeSocket.open).toHaveLength(1);
});

test("a page that is hidden for a moment keeps its socket and goes on pinging", async () => {
  const { page } = await openSocket();
  FakeSocket.last.accept().answer();
  page.show(false);
  await pass(10 * second);
  page.show();
  await pass(40 * second);
  expect(FakeSocket.all).toHaveLength(1);
  expect(FakeSocket.last.pings).toBeGreaterThan(1);
});

test("a socket that answers no ping is half open: it is dropped, and another opened", async () => {
  await openSocket();
  FakeSocket.last.accept();
  await pass(28 * second);
  expect(FakeSocket.all[0]?.isClosed).toBe(true);
  await pass(5 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test("one that never opens is given up too", async () => {
  await openSocket();
  await pass(35 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test("what ends is opened again after a wait that grows and is drawn, five minutes at most", async () => {
  await openSocket();
  const waits: number[] = [];
  for (let times = 0; times < 12; times++) {
    const before = FakeSocket.all.length;
    FakeSocket.last.end(1012);
    let waited = 0;
    while (FakeSocket.all.length === before) {
      await pass(second);
      waited += second;
    }
    waits.push(waited);
  }
  // Half of 2, 4, 8 … seconds, as half is what is drawn here.
  expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16].map((seconds) => seconds * second));
  expect(waits.at(-1)).toBe(150 * second);
});

test("a conversation that goes well begins the waits anew", async () => {
  await openSocket();
  for (let times = 0; times < 5; times++) {
    FakeSocket.last.end(1006);
    await pass(5 * minute);
  }
  FakeSocket.last.accept().answer();
  const before = FakeSocket.all.length;
  FakeSocket.last.end(1006);
  await pass(1.1 * second);
  expect(FakeSocket.all.length).toBe(before + 1);
});

test("too many is waited out, late is tried again, and what can't get better is told and ends it", async () => {
  const { problems } = await openSocket();
  FakeSocket.last.end(4429);
  await pass(59 * second);
  expect(FakeSocket.all).toHaveLength(1);
  await pass(5 * second);
  FakeSocket.last.end(4408);
  await pass(10 * second);
  expect(FakeSocket.all).toHaveLength(3);
  FakeSocket.last.end(4401);
  await pass(60 * minute);
  expect(FakeSocket.all).toHaveLength(3);
  expect(problems).toEqual([new Error("socket closed: 4401")]);
});

test("whoever signs in, signs out or opts out is counted so, with the next ping at the latest", async () => {
  const { headcount } = await openSocket();
  FakeSocket.last.accept().answer();
  headcount.identify("u-43");
  await pass(35 * second);
  FakeSocket.last.accept().answer();
  expect(FakeSocket.last.sent[0]).toContain("u-43");
  expect(FakeSocket.open).toHaveLength(1);
  headcount.optOut();
  await pass(60 * second);
  expect(FakeSocket.open).toHaveLength(0);
  await pass(60 * minute);
  expect(FakeSocket.open).toHaveLength(0);
});

test("nothing is opened for whoever may not be counted", async () => {
  for (const [navigator, options] of [
    [{ globalPrivacyControl: true }, {}],
    [{ webdriver: true }, {}],
    [{}, { consent: () => false }],
  ] as const) {
    vi.stubGlobal("navigator", navigator);
    const { close, headcount } = await openSocket(options);
    await pass(10 * minute);
    expect(FakeSocket.all).toHaveLength(0);
    close();
    headcount.shutdown();
  }
});

test("closing leaves no socket and no listener, and nothing is opened any more", async () => {
  const { close, page } = await openSocket();
  FakeSocket.last.accept();
  close();
  expect(FakeSocket.open).toHaveLength(0);
  page.wake();
  await pass(60 * minute);
  expect(FakeSocket.all).toHaveLength(1);
  close();
});

test("whoever opts out, signs out or withdraws before a socket is open is not named on it", async () => {
  for (const leave of ["optOut", "reset"] as const) {
    const { headcount, close } = await openSocket();
    headcount[leave]();
    FakeSocket.last.accept();
    expect(FakeSocket.last.sent).toEqual([]);
    await pass(minute);
    close();
    headcount.shutdown();
  }
});

test("who it is that the socket counts is asked after the consent, not before", async () => {
  const asked: ((answer: boolean) => void)[] = [];
  const { headcount } = await openSocket({ consent: () => new Promise((resolve) => asked.push(resolve)) });
  for (const agree of asked.splice(0)) agree(true);
  await pass(minute);
  headcount.identify("u-43");
  for (const agree of asked.splice(0)) agree(true);
  await pass(minute);
  for (const agree of asked.splice(0)) agree(true);
  await pass(0);
  FakeSocket.last.accept();
  expect(FakeSocket.all.flatMap(({ sent }) => sent).join()).not.toContain("u-42");
  expect(FakeSocket.last.sent[0]).toContain("u-43");
});

test("after a shutdown nothing is opened, listened to or waited for", async () => {
  const { headcount, page } = openClient();
  headcount.identify("u-42");
  headcount.shutdown();
  const socket = new FakeSocket("wss://app.test", "app");
  const unlisten = vi.spyOn(socket, "removeEventListener");
  FakeSocket.all = [];
  connect(headcount);
  observe(headcount, socket);
  await pass(minute);
  page.wake();
  await pass(minute);
  expect([FakeSocket.all.length, page.listeners, vi.getTimerCount()]).toEqual([0, 0, 0]);
  expect(unlisten).toHaveBeenCalledTimes(1);
});

test("a WebSocket that can't be made costs nothing but a report", async () => {
  vi.stubGlobal("WebSocket", () => {
    throw new Error("blocked");
  });
  const { problems, server } = await openSocket();
  await pass(second);
  expect(problems.length).toBeGreaterThan(0);
  expect(server.users).toEqual(["u-42"]);
});

test("what arrives on the app's own socket counts once a slot while the page is visible", async () => {
  const { headcount, server, page } = openClient();
  headcount.identify("u-42");
  await pass(0);
  const socket = new FakeSocket("wss://app.test", "app");
  const end = observe(headcount, socket);
  page.show(false);
  for (let minutes = 0; minutes < 15; minutes++) {
    await pass(minute);
    socket.answer("news");
  }
  expect(server.requests).toHaveLength(1);
  page.visible = true;
  for (let minutes = 0; minutes < 10; minutes++) {
    socket.answer("news");
    socket.answer("more");
    await pass(minute);
  }
  expect(server.requests.length).toBeGreaterThanOrEqual(3);
  expect(server.requests.length).toBeLessThanOrEqual(4);
  const before = server.requests.length;
  end();
  page.visible = false;
  await pass(10 * minute);
  socket.answer("news");
  await pass(0);
  expect(server.requests).toHaveLength(before);
});
