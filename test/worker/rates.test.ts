import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rates } from "../../worker/limits.ts";
import { AppClient, people, problem } from "./client.ts";

const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
const burst = people(rates.beats.burst).map((user) => ({ user }));

test("one address may report so many beats at once, and is told when to come again", async () => {
  const app = new AppClient("rated");
  expect((await app.heartbeat(burst, from("203.0.113.1"))).status).toBe(200);
  const response = await app.heartbeat(burst, from("203.0.113.1"));
  const seconds = Number(response.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(30);
  expect(seconds).toBeLessThanOrEqual(rates.beats.burst / rates.beats.perSecond);
  const { status, type, detail } = await problem(response);
  expect([status, type]).toEqual([429, "too-many-requests"]);
  expect(detail).not.toContain("203.0.113.1");
});

test("a beat from the past costs one for each of its dimensions besides, one of now does not", async () => {
  const app = new AppClient("past");
  await app.set({ dimensions: ["a", "b", "c"] });
  const dimensions = { a: "1", b: "2", c: "3" };
  const size = rates.beats.burst / 4;
  const hourAgo = Date.now() - 3_600_000;
  const past = people(size).map((user) => ({ user, at: hourAgo, dimensions }));
  const present = people(3 * size).map((user) => ({ user, dimensions }));
  expect((await app.heartbeat(past, from("203.0.113.7"))).status).toBe(200);
  expect((await app.heartbeat(present, from("203.0.113.7"))).status).toBe(429);
  expect((await app.heartbeat(present, from("203.0.113.8"))).status).toBe(200);
  expect((await app.heartbeat(past.slice(0, size / 4 + 30), from("203.0.113.8"))).status).toBe(429);
  expect((await app.heartbeat(past.slice(0, size / 8), from("203.0.113.8"))).status).toBe(200);
});

test("other addresses, other apps and servers are not held up by it", async () => {
  const [app, other] = [new AppClient("crowd"), new AppClient("neighbour")];
  const token = await app.token({ client: "c", user: "user-0" });
  expect((await app.heartbeat(burst, from("203.0.113.2"))).status).toBe(200);
  expect((await app.heartbeat(burst, from("203.0.113.3"))).status).toBe(200);
  expect((await other.heartbeat(burst, from("203.0.113.2"))).status).toBe(200);
  const asServer = JSON.stringify({ key: await app.key("secret"), beats: burst });
  expect((await app.heartbeat([], { ...from("203.0.113.2"), body: asServer })).status).toBe(200);
  // A token is no way around it.
  const withToken = JSON.stringify({ token, beats: burst.map(() => ({})) });
  const refused = app.heartbeat([], { ...from("203.0.113.2"), body: withToken });
  expect((await problem(refused)).type).toBe("too-many-requests");
});

test("nobody is limited whose address isn't known", async () => {
  const app = new AppClient("unknown-address");
  for (let round = 0; round < 3; round++) expect((await app.heartbeat(burst)).status).toBe(200);
});

test("links, exchanges and questions of one address are limited too", async () => {
  const app = new AppClient("dear");
  const key = await app.key("pub");
  const bearer = { authorization: `Bearer ${await app.key("read")}` };
  // The beat is refused, so that nothing is linked; the door is charged for all the same. A link over the limit waits.
  const linking = JSON.stringify({ key, beats: [{ user: "u", at: 5 }], link: { anonymous: "i" } });
  const doors: Record<"links" | "exchanges" | "queries", () => Request> = {
    links: () => request("/v1/heartbeat", { method: "POST", body: linking }),
    exchanges: () =>
      request("/v1/token", { method: "POST", body: JSON.stringify({ key, client: "c", user: "u" }) }),
    queries: () => request("/v1/status", { headers: bearer }),
  };
  for (const [door, make] of Object.entries(doors) as [keyof typeof doors, () => Request][]) {
    const { burst: limit } = rates[door];
    const isRefused = await Promise.all(
      Array.from({ length: 2 * limit }, async () => {
        const response = await exports.default.fetch(make());
        const { linkDeferred } = await response.json<{ linkDeferred?: boolean }>();
        expect(response.status).toBeOneOf(door === "links" ? [200] : [200, 429]);
        return linkDeferred ?? response.status === 429;
      }),
    );
    expect([door, new Set(isRefused)]).toEqual([door, new Set([false, true])]);
    expect(isRefused.filter((is) => !is).length).toBeGreaterThanOrEqual(limit);
  }
});

function request(path: string, init: RequestInit): Request {
  const made = new Request(`https://headcount.test${path}`, init);
  made.headers.set("cf-connecting-ip", "203.0.113.5");
  return made;
}
