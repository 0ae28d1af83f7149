import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;
const dayOf = (ago: number) => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10);
const noonOf = (ago: number) => Date.parse(`${dayOf(ago)}T12:00:00Z`);

async function ask(app: AppClient, path: string, body: unknown, method = "POST"): Promise<unknown> {
  const response = await app.fetch(path, { method, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}
const link = (app: AppClient, from: string, to: string, more = {}) =>
  ask(app, "/v1/links", { from, to, ...more });
const unlink = (app: AppClient, from: string, more = {}) =>
  ask(app, "/v1/links", { from, ...more }, "DELETE");
const day = (app: AppClient, ago: number) => app.count(`period=day&date=${dayOf(ago)}`);

/** Three users, each on a day of their own. */
async function threeUsers(name: string): Promise<AppClient> {
  const app = new AppClient(name);
  await app.beat({ user: "A", at: noonOf(3) }, { user: "B", at: noonOf(2) }, { user: "C", at: noonOf(1) });
  return app;
}

test("a user who is linked to another one leaves the first one's past", async () => {
  const app = await threeUsers("relinked");
  expect(await link(app, "A", "B")).toEqual({ linked: true, exact: true });
  expect([await day(app, 3), await app.count("window=7d")]).toEqual([1, 2]);
  await link(app, "A", "C");
  expect([await day(app, 3), await day(app, 2), await day(app, 1)]).toEqual([1, 1, 1]);
  // B was there on another day all the same.
  expect(await app.count("window=7d")).toBe(2);
  await link(app, "A", "B");
  expect([await day(app, 3), await app.count("window=7d")]).toEqual([1, 2]);
});

test("two who are unlinked are two from then on, and on days that are named in the past as well", async () => {
  const app = await threeUsers("unlinked");
  await link(app, "A", "B");
  expect(await app.count("window=7d")).toBe(2);
  expect(await unlink(app, "A")).toEqual({ linked: false });
  expect(await app.count("window=7d")).toBe(2);
  await app.beat({ user: "A" }, { user: "B" });
  expect([await day(app, 0), await app.count("window=7d")]).toEqual([2, 3]);
  await unlink(app, "A", { days: [dayOf(3)] });
  expect([await day(app, 3), await day(app, 2), await app.count("window=7d")]).toEqual([1, 1, 3]);
  // And together again.
  await link(app, "A", "B");
  expect([await day(app, 3), await day(app, 0), await app.count("window=7d")]).toEqual([1, 1, 2]);
});

test("a link that doesn't hold is not ended", async () => {
  const app = await threeUsers("no-link");
  await link(app, "A", "B");
  await unlink(app, "A", { to: "C" });
  await unlink(app, "B");
  expect(await app.count("window=7d")).toBe(2);
});

test("a link of somebody excluded is remembered, says so, and counts once the exclusion ends", async () => {
  const app = await threeUsers("excluded-link");
  await ask(app, "/v1/exclusions", { user: "A" });
  expect(await link(app, "A", "B")).toMatchObject({
    linked: true,
    reason: expect.stringContaining("excluded"),
  });
  expect(await app.count("window=7d")).toBe(2);
  await ask(app, "/v1/exclusions", { user: "A" }, "DELETE");
  await app.beat({ user: "A" }, { user: "B" });
  expect([await day(app, 0), await app.count("window=7d")]).toEqual([1, 2]);
});

test("who is included again gets the days back that are named", async () => {
  const app = await threeUsers("given-back");
  await ask(app, "/v1/exclusions", { user: "A" });
  expect([await day(app, 3), await app.count("window=7d")]).toEqual([0, 2]);
  await ask(app, "/v1/exclusions", { user: "A", days: [dayOf(3)] }, "DELETE");
  expect([await day(app, 3), await app.count("window=7d")]).toEqual([1, 3]);
  await app.beat({ user: "A" });
  expect(await app.count("window=7d")).toBe(3);
});

test("a link that would close a circle after an exclusion and an inclusion changes nothing", async () => {
  const app = await threeUsers("late-circle");
  await link(app, "A", "B");
  await ask(app, "/v1/exclusions", { user: "B" });
  await ask(app, "/v1/exclusions", { user: "B" }, "DELETE");
  await link(app, "B", "A");
  await app.beat({ user: "A" }, { user: "B" }, { user: "C" });
  expect(await day(app, 0)).toBe(2);
});

test("many links come as lines, and what is refused is told with its line", async () => {
  const app = new AppClient("many-links");
  await app.import(people(500).map((user) => ({ user, at: noonOf(1) })));
  const lines = Array.from({ length: 250 }, (_, pair) => ({
    from: `user-${pair}`,
    to: `user-${pair + 250}`,
  }));
  const send = (body: unknown[]) =>
    app.fetch("/v1/links", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: body.map((line) => JSON.stringify(line)).join("\n"),
    });
  expect(await (await send([...lines, { from: "x", to: "x" }])).json()).toEqual({
    linked: 250,
    inexact: 0,
    rejected: 1,
    errors: [{ line: 251, error: "expected two different users" }],
  });
  expect(await day(app, 1)).toBe(250);
  expect(await problem(send([{ from: "x" }]))).toMatchObject({
    status: 422,
    type: "nothing-accepted",
    rejected: 1,
  });
});

test("a chain of 600 links counts as one person, in whichever order it is told", async () => {
  const chain = Array.from({ length: 600 }, (_, index) => ({
    from: `user-${index}`,
    to: `user-${index + 1}`,
  }));
  for (const [name, told] of [
    ["chain-up", chain],
    ["chain-down", chain.toReversed()],
  ] as const) {
    const app = new AppClient(name);
    await app.import(people(601).map((user) => ({ user, at: noonOf(1) })));
    const response = await app.fetch("/v1/links", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: told.map((line) => JSON.stringify(line)).join("\n"),
    });
    expect(await response.json()).toMatchObject({ linked: 600 });
    expect(await day(app, 1)).toBe(1);
    await app.beat(...people(50).map((user) => ({ user })));
    expect(await day(app, 0)).toBe(1);
  }
});

test("links that strangers make up with the public key move no past day of a large app", async () => {
  const app = new AppClient("strangers");
  for (const ago of [1, 2]) await app.import(people(10_000).map((user) => ({ user, at: noonOf(ago) })));
  const before = [await day(app, 1), await day(app, 2)];
  const key = await app.key("pub");
  const claims = [{}, { days: 0xffffffff }, { days: [dayOf(1), dayOf(2)] }, { first: noonOf(2), days: 7 }];
  const send = async (stranger: number) => {
    const made = { anonymous: `nobody-${stranger}`, ...claims[stranger % claims.length] };
    const body = JSON.stringify({ key, beats: [{ user: `stranger-${stranger % 50}` }], link: made });
    expect((await app.fetch("/v1/heartbeat", { method: "POST", body })).status).toBe(200);
  };
  for (let first = 0; first < 600; first += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, index) => send(first + index)));
  }
  const after = [await day(app, 1), await day(app, 2)];
  for (const [index, count] of after.entries()) {
    const was = before[index] ?? 0;
    // The fifty who made them up are users who say that they were there.
    expect(Math.abs((count ?? 0) - was)).toBeLessThan(0.003 * was + 50);
  }
});

test("of a large past the answer says what it doesn't know, and the lower bound allows for it", async () => {
  const app = new AppClient("vague");
  await app.import(people(4000).map((user) => ({ user, at: noonOf(2) })));
  const [before] = (await app.active(`fresh=1&period=day&date=${dayOf(2)}`)).windows;
  expect(await link(app, "user-1", "user-2")).toMatchObject({
    linked: true,
    exact: false,
    reason: expect.stringContaining("send days"),
  });
  const [after] = (await app.active(`fresh=1&period=day&date=${dayOf(2)}`)).windows;
  expect(after).toMatchObject({ count: before?.count, low: (before?.low ?? 0) - 1, high: before?.high });
  expect(await link(app, "user-3", "user-4", { days: [dayOf(2)] })).toEqual({ linked: true, exact: true });
  expect(await link(app, "user-5", "user-6", { first: noonOf(2), last: noonOf(2) + 1000 })).toEqual({
    linked: true,
    exact: true,
  });
});
