import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Rollup } from "../../worker/objects/rollup.ts";
import { type ActiveAnswer, AppClient } from "./client.ts";

// All is asked within the same second, however slow the machine is.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const question = "/v1/active?window=24h";

/** What a reader is told, who doesn't ask for what is fresh. */
async function told(app: AppClient, path = question): Promise<number | null | undefined> {
  const response = await app.fetch(path, {}, "read");
  const { windows } = await response.json<ActiveAnswer>();
  return windows[0]?.count;
}

test("many who ask the same at once cost the roll-up one question, and each is answered in full", async () => {
  const app = new AppClient("asked-together");
  await app.beat({ user: "a" });
  await app.count("window=24h");
  const count = vi.spyOn(Rollup.prototype, "count");
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.fetch(question, {}, "read")));
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(count).toHaveBeenCalledTimes(1);
  count.mockRestore();
  expect(new Set(texts).size).toBe(1);
  expect(JSON.parse(texts[0] ?? "")).toMatchObject({ app: app.app, windows: [{ count: 1 }] });
  const [etag = ""] = answers.map((answer) => answer.headers.get("etag") ?? "");
  const again = await app.fetch(question, { headers: { "if-none-match": etag } }, "read");
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("what reaches the roll-up is told to the next who asks", async () => {
  const app = new AppClient("asked-after");
  for (const [index, user] of ["a", "b", "c"].entries()) {
    await app.beat({ user });
    await (await app.shard()).push();
    expect(await told(app)).toBe(index + 1);
  }
  await app.import([{ user: "d" }]);
  expect(await app.count("window=24h")).toBe(4);
  expect(await told(app)).toBe(4);
});

test("who is excluded, and what is set, shows to the next who asks", async () => {
  const app = new AppClient("asked-after-change");
  await app.beat({ user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(2);
  expect(await told(app)).toBe(2);
  const response = await app.fetch("/v1/exclusions", { method: "POST", body: '{"user":"a"}' });
  expect(response.status).toBe(200);
  expect(await told(app)).toBe(1);
  expect((await app.fetch("/v1/active?by=tenant", {}, "read")).status).toBe(400);
  await app.set({ dimensions: ["tenant"] });
  expect((await app.fetch("/v1/active?by=tenant", {}, "read")).status).toBe(200);
});

test("whoever may not ask is told nothing from memory", async () => {
  const app = new AppClient("asked-by-whom");
  await app.beat({ user: "a" });
  await app.set({ keyRevisions: { read: 1 } });
  const read = { authorization: `Bearer ${await app.key("read", 1)}` };
  expect((await app.fetch(question, { headers: read })).status).toBe(200);
  expect((await app.fetch(question, {}, "read")).status).toBe(401);
  expect((await app.fetch(question, {}, "pub")).status).toBe(403);
  expect((await new AppClient("asked-by-another").fetch(question, { headers: read })).status).toBe(200);
});
