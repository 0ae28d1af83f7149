import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { init } from "../../sdk/react-native.ts";
import type { connect } from "../../sdk/socket.ts";
import {
  FakeServer,
  hour,
  minute,
  offline,
  accept,
  pass,
  restartTheClock,
  start,
  stopTheClock,
} from "../support/fake-client.ts";
import { FakeAppState, openPhone } from "../support/fake-phone.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

test("an app in the foreground is counted as soon as its storage is loaded", async () => {
  const { server, storage, problems } = openPhone();
  await pass(19);
  expect(server.requests).toHaveLength(0);
  await pass(2);
  const [request] = server.requests;
  expect(request?.url).toBe("https://hc.test/v1/heartbeat");
  expect(request?.request).toMatchObject({ method: "POST" });
  expect(request?.request.headers).toBeUndefined();
  expect(request?.body).toEqual({
    key: expect.stringMatching(/^hc_pub_phone\d+_mac$/),
    now: expect.closeTo(start, -3),
    beats: [{ anonymous: expect.stringMatching(/^[\d-]{10,}$/), since: start - 30_000, via: "foreground" }],
  });
  await pass(minute);
  expect([...storage.items.keys()]).toEqual([request?.body.key]);
  expect(problems).toEqual([]);
});

test("it beats once a slot in the foreground, and never in the background", async () => {
  const { server, appState } = openPhone();
  await pass(14 * minute);
  expect(server.requests).toHaveLength(3);
  appState.become("background");
  await pass(3 * hour);
  expect(server.requests).toHaveLength(3);
  appState.become("active");
  await pass(0);
  expect(server.requests).toHaveLength(4);
});

test("an app that starts in the background is counted when it comes to the front", async () => {
  const appState = new FakeAppState();
  appState.currentState = null;
  const { server } = openPhone({}, { appState });
  await pass(10 * minute);
  expect(server.requests).toHaveLength(0);
  appState.become("active");
  await pass(0);
  expect(server.requests).toHaveLength(1);
});

test("what iOS calls inactive for a moment adds nothing", async () => {
  const { server, appState } = openPhone();
  await pass(20);
  for (let call = 0; call < 5; call++) {
    appState.become("inactive");
    await pass(1000);
    appState.become("active");
    await pass(1000);
  }
  expect(server.requests).toHaveLength(1);
});

test("a user who is known before storage is loaded is all that is counted", async () => {
  const { headcount, server } = openPhone();
  headcount.identify("u-42", { since: "2026-11-01", dimensions: { platform: "ios" } });
  await pass(4 * minute);
  expect(server.beats).toEqual([
    { user: "u-42", since: "2026-11-01", dimensions: { platform: "ios" }, via: "foreground" },
  ]);
});

test("what is asked for before storage is loaded happens in its order", async () => {
  const appState = new FakeAppState();
  appState.currentState = "background";
  const { headcount, server } = openPhone({}, { appState });
  headcount.identify("first");
  headcount.reset();
  headcount.identify("second");
  headcount.heartbeat();
  await pass(4 * minute);
  // Manual, so also in the background.
  expect(server.beats).toEqual([{ user: "second", via: "manual" }]);
});

test("a restart is the same installation, and its slot is counted already", async () => {
  const phone = openPhone();
  await pass(minute);
  const restarted = phone.restart();
  await pass(minute);
  expect(restarted.server.requests).toHaveLength(1);
  await pass(5 * minute);
  const ids = new Set(restarted.server.beats.map(({ anonymous }) => anonymous));
  expect(restarted.server.requests).toHaveLength(2);
  expect(ids.size).toBe(1);
});

test("hours offline survive a restart and are sent with their times", async () => {
  const phone = openPhone();
  phone.server.answer = offline;
  await pass(150 * minute);
  const restarted = phone.restart();
  phone.server.requests.length = 0;
  phone.server.answer = accept();
  await pass(minute);
  const hours = restarted.server.beats.map(({ at }) => at && Math.floor(at / hour));
  const first = Math.floor(start / hour);
  // One each half hour, so that no day of any zone is lost.
  expect(hours).toEqual([first, first, first + 1, first + 1, first + 2, undefined]);
});

test("one write at a time, and the last one wins", async () => {
  const { headcount, storage, server } = openPhone();
  await pass(20);
  storage.delayMs = 10 * minute;
  storage.writes.length = 0;
  for (const user of ["a", "b", "c"]) {
    headcount.identify(user);
    await pass(1000);
    expect(storage.pending).toBeLessThanOrEqual(1);
  }
  expect(server.users).toContain("c");
  storage.delayMs = 0;
  await pass(30 * minute);
  expect(storage.pending).toBe(0);
  expect([...storage.items.values()]).toEqual([storage.writes.at(-1)]);
});

test.each([
  ["throws", new Error("disk full")],
  ["rejects with something else", "no disk"],
])("a storage that %s costs nothing but the memory, and is reported", async (_, failure) => {
  const phone = openPhone();
  phone.storage.failure = failure;
  phone.storage.failures = phone.storage.failWrites = Number.POSITIVE_INFINITY;
  await pass(20 * minute);
  expect(phone.server.requests).toHaveLength(5);
  expect(new Set(phone.server.beats.map(({ anonymous }) => anonymous)).size).toBe(1);
  expect(phone.problems.length).toBeGreaterThan(1);
  expect(phone.problems.every((problem) => problem instanceof Error)).toBe(true);
  phone.storage.failures = phone.storage.failWrites = 0;
  await pass(5 * minute);
  expect(phone.storage.items.size).toBe(1);
});

test.each(["{}", "[[1]]", "<html>", ""])("a storage that holds %j begins anew", async (text) => {
  const key = `hc_pub_strange${text.length}_mac`;
  const phone = openPhone({ key });
  phone.storage.items.set(key, text);
  await pass(minute);
  expect(phone.server.requests).toHaveLength(1);
  expect(phone.problems).toHaveLength(1);
  await pass(minute);
  expect(phone.storage.items.get(key)).toContain(phone.server.beats[0]?.anonymous);
});

test("without a storage it counts, as another installation after each start", async () => {
  const phone = openPhone({ storage: undefined });
  await pass(minute);
  phone.restart();
  await pass(minute);
  expect(new Set(phone.server.beats.map(({ anonymous }) => anonymous)).size).toBe(2);
  expect(phone.problems).toEqual([]);
});

test("a second init with the same key is the same instance; after shutdown it is a new one", async () => {
  const { headcount, server, appState } = openPhone({ key: "hc_pub_twice_mac" });
  const again = openPhone({ key: "hc_pub_twice_mac" }, { server, appState });
  expect(again.headcount).toBe(headcount);
  await pass(minute);
  expect(server.requests).toHaveLength(1);
  expect(appState.listeners).toBe(1);
  headcount.shutdown();
  headcount.shutdown();
  expect(appState.listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const anew = openPhone({ key: "hc_pub_twice_mac" }, { server, appState });
  expect(anew.headcount).not.toBe(headcount);
  headcount.shutdown();
  expect(openPhone({ key: "hc_pub_twice_mac" }).headcount).toBe(anew.headcount);
});

test("a shutdown before storage is loaded starts nothing", async () => {
  const { headcount, server, appState } = openPhone();
  headcount.shutdown();
  await pass(10 * minute);
  expect(server.requests).toHaveLength(0);
  expect(appState.listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("without randomness that is said, and users with an id are counted", async () => {
  vi.stubGlobal("crypto", undefined);
  const { headcount, server, problems } = openPhone();
  headcount.identify("u-42");
  await pass(minute);
  expect(server.users).toEqual(["u-42"]);
  expect(problems).toMatchObject([{ message: expect.stringContaining("react-native-get-random-values") }]);
});

test("an appState that is none is reported in words", async () => {
  const { problems } = openPhone({ appState: undefined as unknown as FakeAppState });
  await pass(minute);
  expect(problems).toMatchObject([{ message: "appState: expected React Native's AppState" }]);
});

test("an onError that throws harms nobody", async () => {
  const { server, storage } = openPhone({
    onError: () => {
      throw new Error("the app's own");
    },
  });
  storage.failures = Number.POSITIVE_INFINITY;
  await pass(6 * minute);
  expect(server.requests).toHaveLength(2);
});

test("it runs where there is nothing but what React Native has", async () => {
  vi.useRealTimers();
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from "./react-native.ts"; export * from "./socket.ts";`,
      resolveDir: fileURLToPath(new URL("../../sdk", import.meta.url)),
      loader: "ts",
    },
    bundle: true,
    format: "iife",
    globalName: "headcountNative",
    target: "es2022",
    write: false,
  });
  const server = new FakeServer();
  const problems: unknown[] = [];
  const beaten = new Promise<void>((resolve) => {
    server.answer = () => {
      resolve();
      return accept()();
    };
  });
  const opened: string[] = [];
  // No document, window, location, localStorage, addEventListener, Event or TextEncoder.
  const phone = createContext({
    setTimeout,
    clearTimeout,
    AbortController,
    Response,
    fetch: server.fetch,
    navigator: { product: "ReactNative" },
    WebSocket: class {
      constructor(url: string) {
        opened.push(url);
      }
      close(): void {}
    },
    // React Native's adds a slash where it is given no base.
    URL: class {
      readonly href: string;
      constructor(url: string) {
        this.href = url.endsWith("/") ? url : `${url}/`;
      }
    },
    crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
  });
  runInContext(`${outputFiles[0]?.text}; Object.assign(globalThis, headcountNative)`, phone);
  const headcount = (phone["init"] as typeof init)({
    endpoint: "https://hc.test",
    key: "hc_pub_vm_mac",
    appState: new FakeAppState(),
    onError: (problem) => problems.push(problem),
  });
  (phone["connect"] as typeof connect)(headcount);
  await beaten;
  // The first heartbeat makes the installation that the socket then counts.
  await vi.waitFor(() => expect(opened).toEqual(["wss://hc.test/v1/live"]), 30_000);
  headcount.shutdown();
  expect(server.beats).toMatchObject([{ anonymous: expect.any(String) }]);
  expect(problems).toEqual([]);
});
