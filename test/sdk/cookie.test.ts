import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  FakeServer,
  FakeStorage,
  minute,
  openClient,
  pass,
  restartTheClock,
  stopTheClock,
} from "../support/fake-client.ts";

/** The cookies of a site, as `document` has them. */
class FakeCookies {
  readonly jar = new Map([["other", "1"]]);
  readonly written: string[] = [];

  get cookie(): string {
    return [...this.jar].map((pair) => pair.join("=")).join("; ");
  }

  set cookie(text: string) {
    this.written.push(text);
    const [, name = "", value = ""] = /^(\w+)=([^;]*)/.exec(text) ?? [];
    if (/max-age=0(;|$)/.test(text)) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}

let cookies: FakeCookies;

beforeEach(() => {
  stopTheClock();
  cookies = new FakeCookies();
  vi.stubGlobal("document", cookies);
});
afterEach(restartTheClock);

test("no cookie is written but for whoever opts out, and it goes when they opt in", async () => {
  const { headcount } = openClient({ key: "hc_pub_out_mac" });
  await pass(6 * minute);
  headcount.identify("u-42");
  await pass(6 * minute);
  headcount.reset();
  expect(cookies.written).toEqual([]);
  headcount.optOut();
  expect(cookies.jar.get("hc_pub_out_mac")).toBe("out");
  headcount.optIn();
  expect(cookies.cookie).toBe("other=1");
  headcount.shutdown();
});

test.each(["local", "session", "memory"] as const)(
  "opting out outlives a storage that is cleared (%s)",
  async (persistence) => {
    const client = openClient({ key: "hc_pub_clear_mac", persistence });
    client.headcount.optOut();
    client.storage.items.clear();
    const later = client.reload();
    later.headcount.identify("u-42");
    later.headcount.heartbeat();
    await pass(6 * minute);
    expect(client.server.requests).toHaveLength(0);
    later.headcount.shutdown();
  },
);

test("with a cookie domain, sub-domains are one installation, until somebody signs out on one of them", async () => {
  const server = new FakeServer();
  const key = "hc_pub_sub_mac";
  const visit = async (storage: FakeStorage) => {
    const { headcount } = openClient({ key, cookieDomain: "example.com" }, { server, storage });
    await pass(6 * minute);
    return headcount;
  };
  const [app, docs] = [new FakeStorage(), new FakeStorage()];
  (await visit(app)).shutdown();
  const there = await visit(docs);
  const first = server.beats.map(({ anonymous, since }) => `${anonymous} ${since}`);
  expect(first.length).toBeGreaterThan(2);
  expect(new Set(first).size).toBe(1);
  expect(cookies.written[0]).toMatch(/;domain=example\.com$/);

  const before = server.requests.length;
  there.reset();
  await pass(6 * minute);
  there.shutdown();
  (await visit(app)).shutdown();
  const after = new Set(server.beats.slice(before).map(({ anonymous }) => anonymous));
  expect(after.size).toBe(1);
  expect(first[0]).not.toContain([...after][0]);
});

/** One browser on several sub-domains, each with a storage of its own. */
function subDomains(key: string) {
  const server = new FakeServer();
  return {
    server,
    open: (storage: FakeStorage) => openClient({ key, cookieDomain: "example.com" }, { server, storage }),
  };
}

test("whoever signs in on a first visit, or signs out, is nobody in the cookie", async () => {
  const { server, open } = subDomains("hc_pub_nobody_mac");
  const app = open(new FakeStorage());
  app.headcount.identify("u-42");
  await pass(6 * minute);
  expect(cookies.cookie).toBe("other=1");
  app.headcount.reset();
  await pass(11 * minute);
  app.headcount.identify("u-43");
  await pass(6 * minute);
  app.headcount.shutdown();
  const ids = server.beats.flatMap(({ anonymous }) => anonymous ?? []);
  expect(ids.length).toBeGreaterThan(0);
  for (const id of [...ids, ...server.links.flatMap((link) => link?.anonymous ?? [])]) {
    expect(id).toMatch(/^[\d-]{20,}$/);
  }
});

test("a sub-domain that was not told of a sign-out brings back nobody's installation", async () => {
  const { server, open } = subDomains("hc_pub_back_mac");
  const [app, docs] = [new FakeStorage(), new FakeStorage()];
  const visit = async (storage: FakeStorage, user?: string) => {
    const before = server.requests.length;
    const client = open(storage);
    if (user) client.headcount.identify(user);
    await pass(6 * minute);
    client.headcount.shutdown();
    const requests = server.requests.slice(before);
    return new Set(
      requests
        .flatMap(({ body }) => [body.link?.anonymous, ...body.beats.map((b) => b.anonymous)])
        .filter(Boolean),
    );
  };
  const ofFirst = await visit(docs);
  await visit(docs, "u-1");
  expect(await visit(app, "u-1")).toEqual(ofFirst);
  // The next user signs in on one sub-domain without a sign-out, and then the first one's page on the other is opened.
  await visit(app, "u-2");
  await visit(docs);
  for (const id of await visit(app, "u-2")) expect(ofFirst).not.toContain(id);
});

test.each(["undefined.undefined", "undefined.5892011", "", "x", ".", "a.b.c"])(
  "a cookie of %j is repaired",
  async (value) => {
    const { server, open } = subDomains("hc_pub_bad_mac");
    cookies.jar.set("hc_pub_bad_mac", value);
    const { headcount, problems } = open(new FakeStorage());
    await pass(6 * minute);
    headcount.identify("u-42");
    await pass(6 * minute);
    headcount.shutdown();
    const ids = new Set([...server.beats, ...server.links].flatMap((of) => of?.anonymous ?? []));
    expect([...ids]).toEqual([expect.stringMatching(/^[\d-]{20,}$/)]);
    expect(cookies.jar.get("hc_pub_bad_mac")).toMatch(new RegExp(`^${[...ids][0]}\\.\\d+$`));
    expect(problems).toEqual([]);
  },
);

test("where cookies throw, as in a sandboxed frame, the page counts", async () => {
  vi.stubGlobal("document", {
    get cookie(): string {
      throw new DOMException("sandboxed", "SecurityError");
    },
    set cookie(_: string) {
      throw new DOMException("sandboxed", "SecurityError");
    },
  });
  const { headcount, server, problems } = openClient({ cookieDomain: "example.com" });
  await pass(6 * minute);
  headcount.optOut();
  expect(server.requests).toHaveLength(2);
  expect(problems).toEqual([]);
});
