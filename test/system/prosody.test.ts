import { createServer, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { slotMs } from "../../sdk/wire.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting-proxy.ts";
import { endProsodies, makeProsody } from "../support/prosody.ts";
import { isThere } from "../support/proxies.ts";
import { cleanUp, npm, startServer, type TestServer } from "../support/server.ts";
import { listen } from "../support/static-server.ts";

const isMissing = !isThere("prosody", "--help");
if (isMissing) console.log("skipped: no Prosody on this machine, so nobody has tried its module");

const host = "chat.test";
/** Whoever stays connected is reported again each second. */
const often = { headcount_interval: "1" };
/** Longer than any test: whoever stays connected is not reported again. */
const seldom = { headcount_interval: "86400" };

describe.skipIf(isMissing)("Prosody's module", () => {
  let service: TestServer;
  let proxy: CountingProxy;
  beforeAll(async () => {
    service = await startServer();
    proxy = await startCountingProxy(service.url);
  });
  afterEach(endProsodies);
  afterAll(async () => {
    await proxy?.close();
    await cleanUp();
  });

  /** An app that has seen nobody, reached through a proxy that notes what it is told. */
  async function freshApp(name: string) {
    const { stdout } = await npm(["run", "-s", "keys", "--", name, "--json", "--data", service.dataDir]);
    const keys = JSON.parse(stdout) as { public: string; secret: string };
    proxy.beats.length = 0;
    proxy.isDown = false;
    return {
      keys,
      options: { headcount_url: `"${proxy.url}/"`, headcount_key: `"${keys.secret}"` },
      /** People of the last 24 hours; null while nobody was seen. */
      count: async () => {
        const response = await fetch(`${service.url}/v1/active?window=24h&fresh=1`, {
          headers: { authorization: `Bearer ${keys.secret}` },
        });
        const { windows } = (await response.json()) as { windows: { count: number | null }[] };
        return windows[0]?.count;
      },
    };
  }

  const reportsOf = (jid: string) => proxy.beats.filter(({ user }) => user === jid);

  test("people who log in are counted, each once, under the id that an app reports too", async () => {
    const app = await freshApp("logins");
    const prosody = await makeProsody({ [host]: { ...app.options, ...seldom } });
    await prosody.start();
    const people = Array.from({ length: 12 }, (_, person) => `person-${person}@${host}`);
    const devices = people.flatMap((jid, person) => Array.from({ length: 1 + (person % 3) }, () => jid));
    const clients = await Promise.all(devices.map((jid) => prosody.logIn(jid)));
    await Promise.all(clients.slice(0, 8).map((client) => client.logOut()));
    await Promise.all(people.slice(0, 4).map((jid) => prosody.logIn(jid)));
    await expect.poll(app.count).toBe(people.length);

    const beats = [...people.slice(0, 3), "web-only"].map((user) => ({ user }));
    await fetch(`${service.url}/v1/heartbeat`, {
      method: "POST",
      body: JSON.stringify({ key: app.keys.public, beats }),
    });
    expect(await app.count()).toBe(people.length + 1);
    expect(new Set(proxy.beats.map(({ user }) => user))).toEqual(new Set(people));
    const slots = proxy.beats.map(({ user, at = 0 }) => `${user} ${Math.floor(at / slotMs)}`);
    expect(new Set(slots).size).toBe(slots.length);
  });

  test("a logout counts without its login", async () => {
    const [before, after] = [await freshApp("before-logout"), await freshApp("after-logout")];
    const prosody = await makeProsody({ [host]: { ...before.options, ...seldom } });
    await prosody.start();
    const client = await prosody.logIn(`juliet@${host}`);
    await prosody.logIn(`romeo@${host}`);
    await expect.poll(before.count).toBe(2);
    await prosody.reconfigure({ [host]: { ...after.options, ...seldom } });
    await client.logOut();
    await expect.poll(after.count).toBe(1);
    expect(proxy.beats.at(-1)).toMatchObject({ user: `juliet@${host}`, via: "server" });
  });

  test("whoever stays connected is active in each interval, and a session without a connection is not", async () => {
    const [before, after] = [await freshApp("connected-before"), await freshApp("connected-after")];
    const prosody = await makeProsody({ [host]: { ...before.options, ...often } });
    await prosody.start();
    await prosody.logIn(`here@${host}`);
    const phone = await prosody.logIn(`phone@${host}`, { isResumable: true });
    await expect.poll(before.count).toBe(2);
    phone.cut();
    await expect.poll(() => prosody.log()).toContain("Session going into hibernation");
    // What was noted until then is on its way once the next but one report has arrived.
    const until = reportsOf(`here@${host}`).length;
    await expect.poll(() => reportsOf(`here@${host}`).length).toBeGreaterThan(until + 1);

    await prosody.reconfigure({ [host]: { ...after.options, ...often } });
    await expect.poll(after.count).toBe(1);
    const sinceThen = reportsOf(`here@${host}`).length;
    await expect.poll(() => reportsOf(`here@${host}`).length).toBeGreaterThan(sinceThen + 1);
    expect(await after.count()).toBe(1);
    await prosody.logIn(`phone@${host}`, { resume: phone.resumption });
    await expect.poll(after.count).toBe(2);
  });

  test("more people stay connected than are reported in one piece", async () => {
    const [before, after] = [await freshApp("crowd-before"), await freshApp("crowd-after")];
    const prosody = await makeProsody({ [host]: { ...before.options, ...often } });
    await prosody.start();
    const people = Array.from({ length: 1050 }, (_, person) => `person-${person}@${host}`);
    for (let begin = 0; begin < people.length; begin += 50)
      await Promise.all(people.slice(begin, begin + 50).map((jid) => prosody.logIn(jid)));
    await prosody.reconfigure({ [host]: { ...after.options, ...often } });
    await expect.poll(after.count).toBe(people.length);
  });

  test("what the service didn't take is sent later with its own time, a restart of Prosody included", async () => {
    const app = await freshApp("outage");
    const prosody = await makeProsody({ [host]: { ...app.options, ...seldom } });
    await prosody.start();
    proxy.isDown = true;
    const from = Math.floor(Date.now() / 1000) * 1000;
    // More than one request carries.
    const people = Array.from({ length: 1100 }, (_, person) => `person-${person}@${host}`);
    for (let begin = 0; begin < people.length; begin += 50) {
      const some = people.slice(begin, begin + 50);
      const clients = await Promise.all(some.map((jid) => prosody.logIn(jid)));
      await Promise.all(clients.map((client) => client.logOut()));
    }
    const to = Date.now();
    const cut = proxy.cut;
    await expect.poll(() => proxy.cut).toBeGreaterThan(cut);
    expect(prosody.log().match(/reports wait, since the service/g)).toHaveLength(1);
    await prosody.stop();
    await prosody.start();
    proxy.isDown = false;
    await expect.poll(app.count).toBe(people.length);
    expect(new Set(proxy.beats.map(({ user }) => user))).toEqual(new Set(people));
    for (const { at } of proxy.beats) {
      expect(at).toBeGreaterThanOrEqual(from);
      expect(at).toBeLessThanOrEqual(to);
    }
  });

  test("what waits is bounded, and what is dropped is counted", async () => {
    const app = await freshApp("bounded");
    const options = { [host]: { ...app.options, ...seldom, headcount_max_waiting: "5" } };
    const prosody = await makeProsody(options);
    await prosody.start();
    proxy.isDown = true;
    for (let person = 0; person < 8; person++) await prosody.logIn(`person-${person}@${host}`);
    proxy.isDown = false;
    await expect.poll(app.count).toBe(5);
    await expect.poll(() => prosody.log()).toContain("reports are accepted again; 3 were lost");
    expect(prosody.log().match(/the oldest are dropped/g)).toHaveLength(1);
  });

  test("a key that is refused is told in words, no report is sent to it twice, and a right one needs no restart", async () => {
    const app = await freshApp("refused");
    const key = "hc_secret_refused_forged";
    const prosody = await makeProsody({
      [host]: { ...app.options, ...often, headcount_key: `"${key}"` },
    });
    await prosody.start();
    await prosody.logIn(`juliet@${host}`);
    const times = () => reportsOf(`juliet@${host}`).map(({ at }) => at);
    await expect.poll(() => times().length).toBeGreaterThanOrEqual(3);
    expect(new Set(times()).size).toBe(times().length);
    expect(prosody.log().match(/since the service refuses them with 401: .*key/g)).toHaveLength(1);
    expect(prosody.log()).not.toContain(key);
    expect(await app.count()).toBeNull();
    await prosody.reconfigure({ [host]: { ...app.options, ...often } });
    await expect.poll(app.count).toBe(1);
  });

  test("Prosody answers while the service hangs, and waits as long as the service asks", async () => {
    const asked: { at: number; response: ServerResponse }[] = [];
    const receiver = createServer((request, response) => {
      request.resume();
      asked.push({ at: Date.now(), response });
    });
    const listening = await listen(receiver);
    const prosody = await makeProsody({
      [host]: { headcount_url: `"${listening.url}"`, headcount_key: '"hc_secret_a_b"', ...often },
    });
    await prosody.start();
    const first = await prosody.logIn(`first@${host}`);
    await expect.poll(() => asked.length).toBe(1);
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, person) => prosody.logIn(`person-${person}@${host}`)),
    );
    await Promise.all([first, ...others].map((client) => client.ping()));
    // In time it gives up, and tries again.
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBeGreaterThan(1);
    const hanging = asked.length;
    const answered = Date.now();
    asked.at(-1)?.response.writeHead(429, { "retry-after": "3" }).end();
    await expect.poll(() => asked.length).toBeGreaterThan(hanging);
    expect((asked[hanging]?.at ?? 0) - answered).toBeGreaterThanOrEqual(2900);
    await listening.close();
  });

  test("a host that can't be reported says why, and serves its people", async () => {
    const app = await freshApp("hosts");
    const prosody = await makeProsody({
      "guests.test": { ...app.options, authentication: '"anonymous"' },
      "bare.test": {},
      "keyless.test": { headcount_url: app.options.headcount_url },
      "public.test": { ...app.options, headcount_key: `"${app.keys.public}"` },
      "odd.test": { ...app.options, headcount_dimensions: "{ 7 }" },
      [host]: app.options,
    });
    await prosody.start();
    for (const jid of ["@guests.test", "a@bare.test", "b@keyless.test", "c@public.test", "d@odd.test"])
      await (await prosody.logIn(jid)).ping();
    await prosody.logIn(`juliet@${host}`);
    await expect.poll(app.count).toBe(1);
    const said = (of: string) =>
      new RegExp(`^${of.replaceAll(".", "\\.")}:headcount\\s+(\\S+)\\s+(.*)$`, "m").exec(prosody.log());
    expect(said("guests.test")?.slice(1)).toEqual(["info", expect.stringContaining("anonymous logins")]);
    for (const [of, option] of [
      ["bare.test", "headcount_url: expected"],
      ["keyless.test", "headcount_key: expected"],
      ["public.test", "headcount_key: expected the app's secret key"],
      ["odd.test", "headcount_dimensions: expected"],
    ] as const)
      expect(said(of)?.slice(1)).toEqual(["error", expect.stringContaining(option)]);
    expect(prosody.log()).not.toContain(app.keys.public);
  });

  test("a dimension that is configured splits the figures by it", async () => {
    const app = await freshApp("dimensions");
    await fetch(`${service.url}/v1/settings`, {
      method: "PUT",
      headers: { authorization: `Bearer ${app.keys.secret}` },
      body: JSON.stringify({ dimensions: ["product"] }),
    });
    const dimensions = '{ product = "chat", colour = "blue" }';
    const prosody = await makeProsody({ [host]: { ...app.options, headcount_dimensions: dimensions } });
    await prosody.start();
    await prosody.logIn(`juliet@${host}`);
    await expect.poll(app.count).toBe(1);
    const response = await fetch(`${service.url}/v1/active?window=24h&fresh=1&by=product`, {
      headers: { authorization: `Bearer ${app.keys.secret}` },
    });
    expect(await response.json()).toMatchObject({
      windows: [{ count: 1, groups: [{ value: "chat", count: 1 }] }],
    });
    await expect.poll(() => prosody.log()).toContain("the app's settings don't declare colour");
  });
});
