import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { init as initBackground } from "../../sdk/background.ts";
import { connect, observe } from "../../sdk/socket.ts";
import { FakeServer, minute, pass, restartTheClock, stopTheClock } from "../support/fake-client.ts";
import { FakeAsyncStorage, openPhone } from "../support/fake-phone.ts";
import { FakeSocket } from "../support/fake-socket.ts";

beforeEach(() => {
  stopTheClock();
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(restartTheClock);

const second = 1000;

/** The installation's id after a first launch that went well. */
async function launchedOnce() {
  const phone = openPhone();
  await pass(minute);
  phone.headcount.shutdown();
  return { phone, id: phone.server.beats[0]?.anonymous as string };
}

test("a storage that fails once is asked again, and the installation is the one it was", async () => {
  const { phone, id } = await launchedOnce();
  await pass(5 * minute);
  phone.storage.failures = 1;
  const { server, problems } = phone.restart();
  await pass(second);
  expect(server.beats.map(({ anonymous }) => anonymous)).toEqual([id, id]);
  expect(problems).toEqual([phone.storage.failure]);
});

test("a launch on which storage can't be read counts, and leaves what is stored as it is", async () => {
  const { phone, id } = await launchedOnce();
  const stored = new Map(phone.storage.items);
  phone.storage.failures = Number.POSITIVE_INFINITY;
  const blind = phone.restart();
  await pass(10 * minute);
  expect(blind.server.requests.length).toBeGreaterThan(1);
  expect(phone.storage.items).toEqual(stored);
  phone.storage.failures = 0;
  const { server } = blind.restart();
  server.requests.length = 0;
  await pass(6 * minute);
  expect(new Set(server.beats.map(({ anonymous }) => anonymous))).toEqual(new Set([id]));
});

test("a storage that never answers is reported within seconds, and the app counted", async () => {
  const phone = openPhone();
  phone.storage.delayMs = Number.POSITIVE_INFINITY;
  await pass(6 * second);
  expect(phone.server.requests).toHaveLength(1);
  expect(phone.problems).toContainEqual(new Error("storage: no answer in 2000 ms"));
  phone.headcount.shutdown();
  expect(vi.getTimerCount()).toBe(0);
});

test("an app that ends while storage is being read asks it no more", async () => {
  const phone = openPhone();
  await pass(10);
  phone.headcount.shutdown();
  await pass(minute);
  expect([phone.storage.reads, phone.storage.writes]).toEqual([1, []]);
});

test("a storage that always takes longer than it is waited for gives back the installation all the same", async () => {
  const { phone, id } = await launchedOnce();
  phone.storage.delayMs = 7 * second;
  const slow = phone.restart();
  slow.server.requests.length = 0;
  await pass(30 * minute);
  expect(new Set(slow.server.beats.slice(1).map(({ anonymous }) => anonymous))).toEqual(new Set([id]));
  expect([...phone.storage.items.values()].join("")).toContain(id);
  slow.headcount.shutdown();
});

test("a storage that answers late gives back the installation, and whoever signed in meanwhile stays", async () => {
  const { phone, id } = await launchedOnce();
  phone.storage.failures = Number.POSITIVE_INFINITY;
  const late = phone.restart();
  late.headcount.identify("u-42");
  await pass(minute);
  phone.storage.failures = 0;
  late.server.requests.length = 0;
  await pass(10 * minute);
  expect(new Set(late.server.users)).toEqual(new Set(["u-42"]));
  expect([...phone.storage.items.values()].join("")).toContain(id);
});

test("whoever opts out while storage can't be read is opted out once it can", async () => {
  const { phone } = await launchedOnce();
  phone.storage.failures = Number.POSITIVE_INFINITY;
  const late = phone.restart();
  await pass(6 * second);
  late.headcount.optOut();
  phone.storage.failures = 0;
  await pass(2 * minute);
  const { server } = late.restart();
  server.requests.length = 0;
  await pass(20 * minute);
  expect(server.requests).toEqual([]);
});

test("a write that fails is tried again, and its installation survives the next start", async () => {
  const phone = openPhone();
  await pass(19);
  phone.storage.failWrites = 2;
  await pass(minute);
  const { server } = phone.restart();
  await pass(5 * minute);
  expect(new Set(server.beats.map(({ anonymous }) => anonymous)).size).toBe(1);
  expect(phone.problems).toHaveLength(2);
});

test("a write that never answers is reported, and harms nothing else", async () => {
  const phone = openPhone();
  await pass(21);
  phone.storage.delayMs = Number.POSITIVE_INFINITY;
  await pass(11 * minute);
  expect(phone.server.requests).toHaveLength(3);
  expect(phone.problems).toEqual([new Error("storage: no answer in 2000 ms")]);
});

test("a phone's instance holds a socket while the app is in the foreground", async () => {
  const phone = openPhone();
  phone.headcount.identify("u-42");
  const close = connect(phone.headcount);
  await pass(10);
  expect(FakeSocket.all).toHaveLength(0);
  await pass(second);
  FakeSocket.last.accept();
  expect(FakeSocket.last.url).toBe("wss://hc.test/v1/live");
  expect(JSON.parse(FakeSocket.last.sent[0] as string)).toMatchObject({ beats: [{ user: "u-42" }] });
  phone.appState.become("background");
  await pass(minute);
  expect(FakeSocket.open).toHaveLength(0);
  phone.appState.become("active");
  await pass(second);
  expect(FakeSocket.open).toHaveLength(1);
  close();
  expect(FakeSocket.open).toHaveLength(0);
  expect(phone.problems).toEqual([]);
});

test("a phone's instance counts through the app's own socket", async () => {
  const phone = openPhone();
  phone.headcount.identify("u-42");
  const socket = new FakeSocket("wss://app.test", "app");
  const heartbeat = vi.spyOn(phone.headcount, "heartbeat");
  const end = observe(phone.headcount, socket);
  await pass(second);
  socket.answer("news");
  expect(heartbeat).toHaveBeenCalledTimes(1);
  end();
});

test("with getIdentity a phone counts users by tokens, and its socket opens with one", async () => {
  const server = new FakeServer();
  server.answer = () => {
    const isExchange = server.requests.at(-1)?.url.endsWith("/v1/token");
    return Response.json(
      isExchange
        ? { token: "t-1", expires: Date.now() + 1e9, rotate: Date.now() + 1e8 }
        : { accepted: 1, rejected: [], interval: 300 },
    );
  };
  const phone = openPhone({ getIdentity: () => "jwt" }, { server });
  phone.headcount.identify("u-42");
  connect(phone.headcount);
  await pass(second);
  FakeSocket.last.accept();
  expect(server.requests.map(({ url, body }) => [new URL(url).pathname, body.token])).toEqual([
    ["/v1/token", undefined],
    ["/v1/heartbeat", "t-1"],
  ]);
  expect(JSON.parse(FakeSocket.last.sent[0] as string)).toMatchObject({ token: "t-1" });
  expect([...phone.storage.items.keys()]).toHaveLength(1);
  expect([...phone.storage.items.values()].join("")).toContain("t-1");
});

test("in the background nothing counts but what is said, once a slot, also by a worker that is started again", async () => {
  const [server, storage] = [new FakeServer(), new FakeAsyncStorage()];
  const start = () =>
    initBackground({ endpoint: "https://hc.test", key: "hc_pub_worker_mac", storage, fetch: server.fetch });
  const headcount = start();
  await pass(10 * minute);
  expect(server.requests).toHaveLength(0);
  headcount.heartbeat();
  await pass(minute);
  headcount.shutdown();
  const again = start();
  again.heartbeat();
  await pass(minute);
  expect(server.beats).toMatchObject([{ anonymous: expect.any(String), via: "manual" }]);
  await pass(5 * minute);
  again.heartbeat();
  await pass(minute);
  expect(new Set(server.beats.map(({ anonymous }) => anonymous)).size).toBe(1);
  expect(server.requests).toHaveLength(2);
  again.shutdown();
});
