import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { init, type TokenOptions } from "../../sdk/tokens.ts";
import { connect } from "../../sdk/socket.ts";
import {
  accept,
  FakePage,
  FakeServer,
  FakeStorage,
  hour,
  minute,
  pass,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";
import { FakeSocket } from "../support/fake-socket.ts";

beforeEach(stopTheClock);
afterEach(restartTheClock);

let keys = 0;

/** A page that counts with tokens; the server's first answers are given. */
function open(answers: (() => Response | Promise<Response>)[], options: Partial<TokenOptions> = {}) {
  const [server, storage, page] = [new FakeServer(), new FakeStorage(), new FakePage()];
  server.answer = () => (answers.shift() ?? accept())();
  const key = `hc_pub_tokens${keys++}_mac`;
  const { fetch } = server;
  const headcount = init({ endpoint: "https://hc.test/", key, fetch, storage, lifecycle: page, ...options });
  headcount.identify("u-42");
  const sent = () =>
    server.requests.map(({ url, body }) => `${new URL(url).pathname} ${body.token ?? "key"}`);
  return { headcount, server, storage, page, sent };
}

const token = (name: string) => () => Response.json({ token: name, expires: 1, rotate: 1 });
const refusal = () => new Response("{}", { status: 401 });

test("a user's beats carry the token that was exchanged, and its successor", async () => {
  const rotated = () => Response.json({ accepted: 1, rejected: [], interval: 300, token: "second" });
  const { sent } = open([token("first"), rotated]);
  await pass(6 * minute);
  expect(sent()).toEqual(["/v1/token key", "/v1/heartbeat first", "/v1/heartbeat second"]);
});

test("a token that is refused is exchanged once, and then it is a slot's time to the next try", async () => {
  const { sent, server } = open([token("first"), refusal, token("second"), refusal]);
  await pass(4 * minute);
  expect(sent()).toEqual(["/v1/token key", "/v1/heartbeat first", "/v1/token key", "/v1/heartbeat second"]);
  await pass(6 * minute);
  expect(server.requests.length).toBeGreaterThan(4);
});

test("an exchange that is never answered is cancelled", async () => {
  const { server, sent } = open([() => new Promise(() => {}), token("first")]);
  await pass(21_000);
  expect(server.requests[0]?.request.signal?.aborted).toBe(true);
  await pass(hour);
  expect(sent().slice(0, 3)).toEqual(["/v1/token key", "/v1/token key", "/v1/heartbeat first"]);
});

test.each(["before", "after"])(
  "a shutdown %s the app's backend has answered sends nothing more",
  async (when) => {
    let vouch: (jwt: string) => void = () => {};
    const getIdentity = () => new Promise<string>((resolve) => (vouch = resolve));
    const { headcount, server } = open([() => new Promise(() => {})], { getIdentity });
    await pass(0);
    if (when === "after") {
      vouch("jwt");
      await pass(0);
    }
    headcount.shutdown();
    vouch("jwt");
    await pass(hour);
    expect(server.requests).toHaveLength(when === "after" ? 1 : 0);
    expect(server.requests.every(({ request }) => request.signal?.aborted)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test.each(["reset", "optOut"] as const)(
  "%s() revokes the token, with a request that outlives the page",
  async (end) => {
    const { headcount, server, storage } = open([token("first")]);
    await pass(0);
    headcount[end]();
    await pass(0);
    expect(server.requests.at(-1)).toMatchObject({
      body: { token: "first", invalidate: true, beats: [] },
      request: { keepalive: true },
    });
    expect(storage.text).not.toContain("first");
  },
);

test.each(["reset", "optOut"] as const)(
  "an exchange that is under way at a %s() leaves no token behind",
  async (end) => {
    let sign: (jwt: string) => void = () => {};
    for (const isAsked of [false, true]) {
      let exchanged: (answer: Response) => void = () => {};
      const getIdentity = () => new Promise<string>((resolve) => (sign = resolve));
      const { headcount, server, storage } = open(
        [() => new Promise((resolve) => (exchanged = resolve)), accept()],
        isAsked ? {} : { getIdentity },
      );
      await pass(0);
      headcount[end]();
      sign("jwt");
      exchanged(token("first")());
      await pass(minute);
      expect(storage.text).not.toContain("first");
      const named = server.requests.filter(({ body }) =>
        (body.beats ?? []).some(({ user }) => user === "u-42"),
      );
      expect(named).toEqual([]);
      headcount.shutdown();
    }
  },
);

test("stored tokens of another shape are none", async () => {
  const { storage, server, page } = open([token("first")]);
  await pass(0);
  storage.setItem([...storage.items.keys()].find((name) => name.endsWith(":token")) ?? "", '[{"token":5}]');
  server.answer = token("second");
  page.wake();
  await pass(6 * minute);
  expect(server.requests.at(2)?.url).toContain("/v1/token");
});

test("a socket proves itself with the same token, and with another once that is refused", async () => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  const { headcount, server } = open([token("first")]);
  connect(headcount);
  await pass(0);
  expect(JSON.parse(FakeSocket.last.accept().sent[0] ?? "")).toMatchObject({ token: "first" });
  server.answer = token("second");
  FakeSocket.last.end(4401);
  await pass(5000);
  expect(JSON.parse(FakeSocket.last.accept().sent[0] ?? "")).toMatchObject({ token: "second" });
  headcount.shutdown();
});
