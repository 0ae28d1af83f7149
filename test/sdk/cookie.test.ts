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
