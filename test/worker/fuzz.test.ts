import { exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { Problem } from "../../sdk/wire.ts";
import { routes } from "../../worker/routes.ts";
import { AppClient } from "./client.ts";

const requests = 30_000;
/** Several at once, as a service meets them; beats then share their commits. */
const atOnce = 500;

/** Mulberry32: the same seed gives the same requests. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(20_261_121);
const below = (limit: number) => Math.floor(random() * limit);
const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
const chance = (probability: number) => random() < probability;

const texts = [
  "",
  "a",
  "u-42",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "\ud800",
  "😀".repeat(130),
  "x".repeat(256),
  "x".repeat(300),
  "2026-11-19",
  "2026-02-30",
  "0001-01-01",
  "9999-12-31",
  "Europe/Berlin",
  "../../etc/passwd",
  "' OR 1=1 --",
  "%00",
  "24h",
  "30d",
  "9999999d",
  "day",
  "dau",
  "json",
  "redis",
  "platform",
  "web",
  "null",
  "https://app.example",
];
const numbers = [0, -1, 1, 3, 1.5, 1e9, 1e21, 2 ** 53, -(2 ** 63), Number.MAX_VALUE, 8.64e15, 8.64e15 + 1];
const anything = (): unknown =>
  pick<() => unknown>([
    () => null,
    () => chance(0.5),
    () => pick(texts),
    () => pick(numbers),
    () => Date.now() - below(1e9),
    () => [],
    () => ({}),
    () => Array.from({ length: below(4) }, anything),
    () => ({ [pick(texts)]: anything() }),
    () => JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`),
  ])();

/** Bodies that are right, to be bent. */
const bodies: Record<string, () => unknown> = {
  "POST /v1/heartbeat": () => ({
    beats: [
      {
        user: "a",
        at: Date.now() - below(1e9),
        via: "foreground",
        since: "2026-11-01",
        dimensions: { plan: "b" },
      },
      { anonymous: "i" },
    ],
    link: { anonymous: "i", days: ["2026-11-19"] },
  }),
  "POST /v1/token": () => ({ client: "c", user: "a", since: "2026-11-01" }),
  "DELETE /v1/token": () => ({ user: "a" }),
  "POST /v1/activity": () => ({ beats: [{ user: "a", at: Date.now() - below(1e10) }, { anonymous: "b" }] }),
  "POST /v1/links": () => ({ from: "a", to: "b", days: ["2026-11-19"] }),
  "DELETE /v1/links": () => ({ from: "a", to: "b", days: ["2026-11-19"] }),
  "POST /v1/exclusions": () => ({ user: "c", days: ["2026-11-19"] }),
  "DELETE /v1/exclusions": () => ({ user: "c" }),
  "POST /v1/share": () => ({ panels: ["trend", "split"], range: "30", compare: "year", only: "plan:b" }),
  "PUT /v1/annotations": () => ({ day: "2026-11-19", text: pick(texts) }),
  "DELETE /v1/annotations": () => ({ day: "2026-11-19" }),
  "PUT /v1/settings": () => ({
    timeZone: pick(["UTC", "Asia/Kathmandu", "America/New_York"]),
    dimensions: ["plan", "constructor"],
    origins: [],
    embedOrigins: ["https://example.com"],
    retentionDays: 400,
    resolution: "1h",
    tokenTtl: 100,
    tokenMinTtl: 0,
    jwt: { secret: "x".repeat(32), audience: "a" },
  }),
};

const members = [
  "window",
  "since",
  "from",
  "to",
  "period",
  "date",
  "by",
  "plan",
  "metric",
  "interval",
  "cohorts",
  "periods",
  "day",
  "format",
  "part",
  "fresh",
];

/** Replaces some members, at any depth, by something else. */
function bend(value: unknown): unknown {
  if (chance(0.06)) return anything();
  if (Array.isArray(value)) {
    const bent = value.map(bend);
    return chance(0.1) ? [...bent, anything()] : bent;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, held]) => [
    chance(0.03) ? pick(texts) : name,
    bend(held),
  ]);
  return Object.fromEntries(chance(0.1) ? [...entries, [pick(texts), anything()]] : entries);
}

/** Flips, cuts or inserts bytes. */
function scratch(bytes: Uint8Array): Uint8Array {
  const scratched = Uint8Array.from(bytes);
  if (scratched.length === 0 || chance(0.8)) return scratched;
  if (chance(0.3)) return scratched.subarray(0, below(scratched.length));
  for (let times = 1 + below(4); times > 0; times--) scratched[below(scratched.length)] = below(256);
  return scratched;
}

async function fuzzedRequest(app: AppClient, credentials: readonly string[]): Promise<Request> {
  const route = pick(routes);
  const name = `${route.method} ${route.path}`;
  const url = new URL(`https://headcount.test${route.path}`);
  if (chance(0.02)) url.pathname += pick(texts);
  if (route.method === "GET") {
    for (let times = below(4); times > 0; times--) {
      url.searchParams.append(pick(members), chance(0.8) ? pick(texts) : String(pick(numbers)));
    }
  }
  const method = chance(0.03) ? pick(["PUT", "PATCH", "OPTIONS", "HEAD", "DELETE"]) : route.method;
  const rightKey = await app.key("roles" in route ? pick(route.roles) : pick(["pub", "secret"]));
  const credential = chance(0.8) ? rightKey : pick(credentials);
  const headers = new Headers();
  if (chance(0.9)) headers.set("authorization", chance(0.97) ? `Bearer ${credential}` : "Basic Og==");
  if (chance(0.5)) {
    const type = pick([
      "application/json",
      "text/plain",
      "application/x-ndjson",
      "application/jsonl",
      "text/csv",
      "application/x-www-form-urlencoded",
      "image/png",
      ";;",
      "text/plain;a=b",
    ]);
    headers.set("content-type", type);
  }
  if (chance(0.05)) headers.set("content-encoding", pick(["gzip", "identity", "br"]));
  if (chance(0.1)) headers.set("origin", pick(["null", "https://evil.example", "x"]));
  if (chance(0.2))
    headers.set("user-agent", pick(["", "Mozilla/5.0 (X11) Googlebot", "curl/8", "Mozilla/".repeat(500)]));
  if (chance(0.1)) headers.set("if-none-match", pick(["*", '"x"', "x"]));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  const right = bodies[name]?.() ?? anything();
  const shown = credential.startsWith("hc_tok_") ? { token: credential } : { key: credential };
  const body = JSON.stringify(bend(typeof right === "object" ? { ...shown, ...right } : right));
  const lines = chance(0.1) ? `${body}\n${body}\n` : chance(0.005) ? body.padEnd(70_000) : body;
  return new Request(url, { method, headers, body: scratch(new TextEncoder().encode(lines)) });
}

test("no request out of 30,000 fuzzed ones is answered with a 500, and each refusal says why", async () => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("no network"));
  const bystander = new AppClient("bystander");
  await bystander.beat({ user: "a" }, { user: "b" });
  const apps = ["fuzzed-1", "fuzzed-2", "fuzzed-3"].map((app) => new AppClient(app));
  const tokens = await Promise.all(apps.map((app) => app.token({ client: "c", user: "a" })));
  const keys = await Promise.all(
    apps.flatMap((app) => (["pub", "read", "share", "secret"] as const).map((role) => app.key(role))),
  );
  const credentials = [...tokens, ...keys, "", "hc_pub_x", "é", "a.b.c", "x".repeat(5000)].filter((text) =>
    /^[\x21-\x7e]+$/.test(text),
  );
  const seen = new Map<number, number>();
  for (let sent = 0; sent < requests; sent += atOnce) {
    const batch: Request[] = [];
    for (let index = 0; index < atOnce; index++) batch.push(await fuzzedRequest(pick(apps), credentials));
    await Promise.all(
      batch.map(async (request) => {
        const told = `${request.method} ${request.url}`;
        const response = await exports.default.fetch(request);
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (response.status < 400) return;
        expect([told, response.status]).toEqual([told, expect.toSatisfy((status) => status < 500)]);
        if (request.method === "HEAD") return;
        const problem = JSON.parse(new TextDecoder().decode(bytes)) as Problem;
        expect([told, problem.status]).toEqual([told, response.status]);
        expect(problem.detail).not.toBe("");
      }),
    );
  }
  // It went deep: much was accepted, and every way to refuse was met.
  for (const status of [200, 204, 400, 401, 403, 404, 405, 413, 415, 422]) {
    expect([status, seen.get(status) ?? 0]).toEqual([status, expect.toSatisfy((times) => times > 10)]);
  }
  expect(seen.get(200)).toBeGreaterThan(requests / 5);
  expect(await bystander.count("window=24h")).toBe(2);
  for (const app of apps) expect((await app.fetch("/v1/active?fresh=1")).status).toBe(200);
}, 240_000);
