import { expect, test } from "vitest";
import { AppClient, people } from "./client.ts";

const dayMs = 86_400_000;
const post = (app: AppClient, path: string, body: unknown, method = "POST") =>
  app.fetch(path, { method, body: JSON.stringify(body) });

async function link(app: AppClient, from: string, to: string, days?: string[]): Promise<void> {
  expect((await post(app, "/v1/links", { from, to, days })).status).toBe(200);
}

async function exclude(app: AppClient, user: string, method = "POST"): Promise<void> {
  expect((await post(app, "/v1/exclusions", { user }, method)).status).toBe(200);
}

test("two linked users are one person, before and after the link", async () => {
  const app = new AppClient("link");
  const now = Date.now();
  await app.beat({ user: "recipe", at: now - 2 * dayMs }, { user: "primary" }, { user: "other" });
  expect(await app.count("window=7d")).toBe(3);
  await link(app, "recipe", "primary");
  expect(await app.count("window=7d")).toBe(2);
  await app.beat({ user: "recipe" });
  expect(await app.count("window=24h")).toBe(2);
  expect(await app.count("window=7d")).toBe(2);
});

test("activity moves to where it belongs: linking the dormant makes nobody active now", async () => {
  const app = new AppClient("dormant");
  const now = Date.now();
  await app.beat({ user: "a", at: now - 3 * dayMs }, { user: "b", at: now - 5 * dayMs });
  await link(app, "a", "b");
  expect(await app.count("window=24h")).toBe(0);
  expect(await app.count(`from=${now - 4 * dayMs}&to=${now - 2 * dayMs}`)).toBe(1);
  expect(await app.count("window=7d")).toBe(1);
});

test("chains count as one, in whatever order they are linked", async () => {
  for (const order of [
    [
      ["a", "b"],
      ["b", "c"],
    ],
    [
      ["b", "c"],
      ["a", "b"],
    ],
    [
      ["a", "b"],
      ["b", "c"],
      ["a", "c"],
      ["a", "b"],
    ],
  ] as [string, string][][]) {
    const app = new AppClient(`chain-${order.length}-${order[0]?.join("")}`);
    await app.set({ shards: 8 });
    const now = Date.now();
    await app.beat({ user: "a", at: now - 3 * dayMs }, { user: "b", at: now - 2 * dayMs }, { user: "c" });
    for (const [from, to] of order) await link(app, from, to);
    expect(await app.count("window=7d")).toBe(1);
    await app.beat({ user: "a" }, { user: "b" });
    expect(await app.count("window=24h")).toBe(1);
  }
});

test("linking back and forth neither loses anybody nor makes a circle", async () => {
  const app = new AppClient("circle");
  await app.beat({ user: "a" }, { user: "b" }, { user: "c" });
  await link(app, "a", "b");
  await link(app, "b", "a");
  expect(await app.count("window=24h")).toBe(2);
  await app.beat({ user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(2);
});

test("links and exclusions in any order end in an answer, and nobody of one person is counted twice", async () => {
  const app = new AppClient("circle-by-exclusion");
  const say = async (method: string, path: string, body: unknown) => {
    const { status } = await app.fetch(path, { method, body: JSON.stringify(body) });
    expect([method, path, body, status]).toEqual([method, path, body, 200]);
  };
  await say("POST", "/v1/exclusions", { user: "a" });
  await say("POST", "/v1/links", { from: "a", to: "b" });
  await say("POST", "/v1/links", { from: "b", to: "a" });
  await say("DELETE", "/v1/exclusions", { user: "a" });
  await say("POST", "/v1/links", { from: "c", to: "a" });
  await say("POST", "/v1/links", { from: "a", to: "c" });
  await app.beat({ user: "a" }, { user: "b" }, { user: "c" }, { user: "d" });
  expect(await app.count("window=24h")).toBe(2);
  await say("POST", "/v1/exclusions", { user: "b" });
  expect(await app.count("window=24h")).toBe(1);
});

test("a claim to days of the distant past and future does no harm", async () => {
  const app = new AppClient("distant");
  const anonymous = "device";
  await app.beat({ anonymous });
  const body = {
    key: await app.key("pub"),
    beats: [{ user: "a" }],
    link: { anonymous, days: ["0000-01-01", "1969-12-31", "9999-12-31"] },
  };
  const response = await app.fetch("/v1/heartbeat", { method: "POST", body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  expect(await app.count("window=24h")).toBe(1);
});

test("a link before any activity holds from the first beat on", async () => {
  const app = new AppClient("early");
  await link(app, "a", "b");
  await app.beat({ user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(1);
});

test("a claim about days on which somebody was not there takes nobody away", async () => {
  const app = new AppClient("forged");
  const days = Array.from({ length: 10 }, (_, ago) =>
    new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10),
  );
  await app.beat(...people(50).map((user) => ({ user })));
  await link(app, "never-seen", "neither", days);
  await link(app, "user-1", "user-2", days);
  expect(await app.count("window=7d")).toBe(49);
});

test("links count right for any number of shards, and after it changes", async () => {
  const app = new AppClient("link-shards");
  await app.set({ shards: 4 });
  await app.beat(...people(60).map((user) => ({ user })));
  for (let pair = 0; pair < 20; pair++) await link(app, `user-${pair}`, `user-${pair + 20}`);
  expect(await app.count("window=24h")).toBe(40);
  for (const shards of [16, 1, 8]) {
    await app.set({ shards });
    await app.beat(...people(60).map((user) => ({ user, at: Date.now() - dayMs })));
    expect(await app.count("window=7d")).toBe(40);
    expect(await app.count("window=24h")).toBe(40);
  }
});

test("an anonymous installation that signs in is one person with its user", async () => {
  const app = new AppClient("sign-in");
  const now = Date.now();
  await app.beat({ anonymous: "i-1", at: now - dayMs }, { anonymous: "i-1" }, { anonymous: "i-2" });
  expect(await app.count("window=7d")).toBe(2);
  const key = await app.key("pub");
  const days = [now, now - dayMs].map((at) => new Date(at).toISOString().slice(0, 10));
  const response = await app.heartbeat([], {
    body: JSON.stringify({ key, beats: [{ user: "u-1" }], link: { anonymous: "i-1", days } }),
  });
  expect(response.status).toBe(200);
  expect(await app.count("window=7d")).toBe(2);
  expect(await app.count("window=24h")).toBe(2);
  await app.beat({ anonymous: "i-1" }, { user: "u-1" });
  expect(await app.count("window=24h")).toBe(2);
});

test("through the public door nobody but an anonymous id is linked away", async () => {
  const app = new AppClient("public-link");
  await app.beat({ user: "victim" }, { user: "thief" });
  const key = await app.key("pub");
  const send = (away: unknown, beats: unknown[] = [{ user: "thief" }]) =>
    app.heartbeat([], { body: JSON.stringify({ key, beats, link: away }) });
  expect((await send({ anonymous: "victim" })).status).toBe(200);
  expect(await app.count("window=24h")).toBe(2);
  expect((await send({ user: "victim" })).status).toBe(400);
  expect((await send({ anonymous: "x", days: ["soon"] })).status).toBe(400);
  expect((await send({ anonymous: "x" }, [{ anonymous: "y" }])).status).toBe(400);
  expect((await app.fetch("/v1/links", { method: "POST", body: "{}" }, "read")).status).toBe(403);
});

test("links move activity in every series in which it was", async () => {
  const app = new AppClient("link-series");
  await app.set({ dimensions: ["tenant"] });
  await app.beat(
    { user: "a", dimensions: { tenant: "acme" } },
    { user: "b", dimensions: { tenant: "acme" } },
    { user: "b", dimensions: { tenant: "globex" } },
  );
  await link(app, "a", "b");
  expect(await app.count("window=24h&tenant=acme")).toBe(1);
  expect(await app.count("window=24h&tenant=globex")).toBe(1);
});

test("who is excluded is not counted, in the past neither, and counts again once that ends", async () => {
  const app = new AppClient("excluded");
  const now = Date.now();
  await app.beat({ user: "staff", at: now - 2 * dayMs }, { user: "staff" }, { user: "customer" });
  await exclude(app, "staff");
  await app.beat({ user: "staff" });
  expect(await app.count("window=7d")).toBe(1);
  await exclude(app, "staff");
  expect(await app.count("window=7d")).toBe(1);

  await exclude(app, "staff", "DELETE");
  expect(await app.count("window=7d")).toBe(1);
  await app.beat({ user: "staff" });
  expect(await app.count("window=24h")).toBe(2);
  expect(await app.count("window=7d")).toBe(2);
  expect(await app.count(`from=${now - 3 * dayMs}&to=${now - dayMs}`)).toBe(0);

  await exclude(app, "staff");
  expect(await app.count("window=7d")).toBe(1);
});

test("excluding one of two linked users excludes the person", async () => {
  const app = new AppClient("exclude-linked");
  await app.beat({ user: "a" }, { user: "b" }, { user: "c" });
  await link(app, "a", "b");
  await exclude(app, "a");
  expect(await app.count("window=24h")).toBe(1);
  await app.beat({ user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(1);
});

test("among 5,000 people, links and exclusions leave the rest within its interval", async () => {
  const app = new AppClient("crowd");
  await app.import(people(5000).map((user) => ({ user })));
  const today = [new Date().toISOString().slice(0, 10)];
  for (let pair = 0; pair < 30; pair++) await link(app, `user-${pair}`, `user-${pair + 100}`, today);
  for (let staff = 200; staff < 220; staff++) await exclude(app, `user-${staff}`);
  const [row] = (await app.active("fresh=1&window=24h")).windows;
  expect(row?.low).toBeLessThanOrEqual(4950);
  expect(row?.high).toBeGreaterThanOrEqual(4950);
});
