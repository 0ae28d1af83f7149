import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { isolateOf } from "../../worker/app/isolate.ts";
import { Shard } from "../../worker/objects/shard.ts";
import { AppClient } from "./client.ts";

/** How often the app's isolate has answered from memory and not told the roll-up of yet. */
async function answeredFromMemory(app: AppClient): Promise<number> {
  const { counters } = await isolateOf(env).apps.open(app.app, Date.now());
  const counts = counters.take();
  counters.add(counts);
  return counts["beats_absorbed_at_edge"] ?? 0;
}

async function say(app: AppClient, body: object, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await app.fetch("/v1/heartbeat", { method: "POST", body: JSON.stringify(body), headers });
  expect(response.status).toBe(200);
  return response.json();
}

test("what a server says again in a slot is answered from memory, and the same", async () => {
  const app = new AppClient("repeats");
  const body = { key: await app.key("secret"), beats: [{ user: "a" }] };
  const answer = await say(app, body);
  expect(await answeredFromMemory(app)).toBe(0);
  for (let time = 0; time < 3; time++) expect(await say(app, body)).toEqual(answer);
  expect(await answeredFromMemory(app)).toBe(3);
  expect(await app.count("window=24h")).toBe(1);
});

test("whoever shows the public key is never answered from memory, which would tell who is active", async () => {
  const app = new AppClient("repeats-public");
  const beats = [{ user: "a" }];
  await say(app, { key: await app.key("secret"), beats });
  for (let time = 0; time < 3; time++) await say(app, { key: await app.key("pub"), beats });
  expect(await answeredFromMemory(app)).toBe(0);
});

test("only the very same is the same: another body, page or agent is judged anew", async () => {
  const app = new AppClient("repeats-other");
  await app.set({ dimensions: ["browser", "plan"] });
  const key = await app.key("secret");
  const beats = [{ user: "a" }];
  await say(app, { key, beats }, { "user-agent": "one" });
  await say(app, { key, beats }, { "user-agent": "two" });
  await say(app, { key, beats }, { "user-agent": "one", origin: "https://app.example" });
  await say(app, { key, beats: [{ user: "b" }] }, { "user-agent": "one" });
  expect(await answeredFromMemory(app)).toBe(0);
  await say(app, { key, beats }, { "user-agent": "two" });
  expect(await answeredFromMemory(app)).toBe(1);
});

test("what is more than one sign of life of now is judged each time", async () => {
  const app = new AppClient("repeats-more");
  const key = await app.key("secret");
  const at = Date.now();
  for (const body of [
    { key, beats: [{ user: "a", at }] },
    { key, beats: [{ user: "a" }], now: at },
    { key, beats: [{ user: "a" }, { user: "b" }] },
    { key, beats: [{ user: "a" }], link: { anonymous: "x" } },
    { key, beats: [{ user: "a", plan: "unknown member" }] },
    { key, beats: [] },
  ]) {
    await say(app, body);
    await say(app, body);
  }
  expect(await answeredFromMemory(app)).toBe(0);
});

test("memory ends where the same would be answered in another way", async () => {
  const app = new AppClient("repeats-standing");
  const body = { key: await app.key("secret"), beats: [{ user: "a" }] };
  const change = async (path: string, method: string, of: object) =>
    expect((await app.fetch(path, { method, body: JSON.stringify(of) })).status).toBe(200);
  await say(app, body);
  await change("/v1/exclusions", "POST", { user: "a" });
  await say(app, body);
  expect(await app.count("window=24h")).toBe(0);
  await change("/v1/exclusions", "DELETE", { user: "a" });
  await say(app, body);
  expect(await app.count("window=24h")).toBe(1);
  await app.set({ keyRevision: 1 });
  const refused = await app.fetch("/v1/heartbeat", { method: "POST", body: JSON.stringify(body) });
  expect(refused.status).toBe(401);
  expect(await answeredFromMemory(app)).toBe(0);
});

test("requests that come together share calls to their shard", async () => {
  const app = new AppClient("shared");
  await app.beat({ user: "first" });
  const record = vi.spyOn(Shard.prototype, "record");
  await Promise.all(Array.from({ length: 200 }, (_, user) => app.beat({ user: `u-${user}` })));
  // The first goes alone, and what comes while its commit is under way goes together.
  expect(record.mock.calls.length).toBeGreaterThan(0);
  expect(record.mock.calls.length).toBeLessThan(20);
  record.mockRestore();
  expect(await app.count("window=24h")).toBe(201);
});

test("a call that fails takes nobody else's beat along", async () => {
  const app = new AppClient("shared-failing");
  await app.beat({ user: "first" });
  vi.spyOn(console, "error").mockImplementation(() => {});
  const record = vi.spyOn(Shard.prototype, "record").mockRejectedValueOnce(new Error("down"));
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, user) => (await app.heartbeat([{ user: `u-${user}` }])).status),
  );
  record.mockRestore();
  // Who made the call that failed is told so; all others are counted.
  expect(answers.filter((status) => status !== 200)).toEqual([503]);
  expect(await app.count("window=24h")).toBe(50);
});
