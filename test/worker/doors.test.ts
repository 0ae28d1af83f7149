import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { maxBeatsPerHeartbeat } from "../../worker/limits.ts";
import type { Role } from "../../worker/roles.ts";
import { AppClient, people, problem } from "./client.ts";

const app = new AppClient("doors");
const url = "https://headcount.test";
const minuteMs = 60_000;
const dayMs = 86_400_000;

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  exports.default.fetch(new Request(url + path, { method: "POST", body, headers }));

test("a heartbeat is answered with what was accepted and when to come again", async () => {
  expect(await app.beat({ user: "a" }, { anonymous: "i-1", via: "foreground", since: "2026-11-01" })).toEqual(
    {
      accepted: 2,
      rejected: [],
      interval: 300,
    },
  );
});

test("bad beats are rejected one by one, in words, and the others of their batch are kept", async () => {
  const now = Date.now();
  const answer = await app.beat(
    { user: "good" },
    { user: "" },
    { user: "x".repeat(257) },
    { user: 7 },
    {},
    { user: "a", anonymous: "b" },
    { user: "old", at: now - 7 * dayMs - minuteMs },
    { user: "early", at: now + 6 * minuteMs },
    { user: "half", at: 1.5 },
    { user: "seconds", at: Math.floor(now / 1000) },
    { user: "zoneless", at: new Date(now).toISOString().slice(0, 19) },
    { user: "nan", at: null },
    { user: "\ud800" },
    null,
    "text",
    { user: "x".repeat(256) },
    { user: "late", at: now - 7 * dayMs + minuteMs },
    { user: "soon", at: now + 4 * minuteMs },
  );
  expect(answer.accepted).toBe(4);
  expect(answer.rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  for (const { error } of answer.rejected) expect(error).toContain("expected");
});

test("no answer repeats an id that was sent", async () => {
  const id = "very-secret-person@example.com";
  const key = await app.key("pub");
  const answers = await Promise.all([
    app.heartbeat([
      { user: id, at: 5 },
      { user: id, via: id },
      { user: [id] },
      { [id]: 1, user: id, since: id },
    ]),
    post("/v1/heartbeat", `{"key":"${key}","beats":[{"user":"${id}" oops`),
    post("/v1/heartbeat", `{"key":"${id}","beats":[]}`),
    app.fetch("/v1/activity", {
      method: "POST",
      body: `{"user":"${id}", nonsense\n{"user":"${id}","at":"${id}"}`,
      headers: { "content-type": "application/x-ndjson" },
    }),
    app.fetch("/v1/settings", { method: "PUT", body: `{"${id}":1}` }),
    app.fetch(`/v1/active?${encodeURIComponent(id)}=1`),
    app.fetch(`/v1/active?window=${encodeURIComponent(id)}`),
  ]);
  for (const answer of answers) expect(await answer.text()).not.toContain(id);
});

test("a body that can't be read is 400 and says what would be right", async () => {
  for (const body of ["", "{", "[]", "7", '{"beats":{}}', '{"key":3,"beats":[]}', '{"key":"x"}']) {
    const { type, detail, status } = await problem(post("/v1/heartbeat", body));
    expect([status, type]).toEqual([400, "malformed-body"]);
    expect(detail).toContain("expected");
  }
});

test("a body that isn't UTF-8 is 400", async () => {
  const { type } = await problem(post("/v1/heartbeat", new Uint8Array([0x7b, 0xff, 0x7d])));
  expect(type).toBe("malformed-body");
});

test("a heartbeat holds as many beats as one address may report at once, and a server's as many as fit into 64 KiB", async () => {
  const busy = new AppClient("busy");
  const beats = people(3000).map((user) => ({ user }));
  expect((await busy.beat(...beats.slice(0, maxBeatsPerHeartbeat))).accepted).toBe(maxBeatsPerHeartbeat);
  const { status, type, detail } = await problem(busy.heartbeat(beats.slice(0, maxBeatsPerHeartbeat + 1)));
  expect([status, type]).toEqual([413, "body-too-large"]);
  expect(detail).toBe("beats: expected at most 1200: send the rest in another heartbeat");
  expect(await busy.count("window=24h")).toBe(maxBeatsPerHeartbeat);
  const body = JSON.stringify({ key: await busy.key("secret"), beats });
  expect(await (await busy.heartbeat([], { body })).json()).toMatchObject({ accepted: 3000 });
});

test("of a body in which everything is wrong the first hundred are named, and the answer stays short", async () => {
  const wrong = new AppClient("all-wrong");
  for (const [role, count] of [
    ["pub", maxBeatsPerHeartbeat],
    ["secret", 30_000],
  ] as const) {
    const body = JSON.stringify({ key: await wrong.key(role), beats: Array(count).fill(1) });
    const text = await (await wrong.heartbeat([], { body })).text();
    expect(text.length).toBeLessThan(20_000);
    const answer = JSON.parse(text) as { rejected: unknown[]; unlisted: number };
    expect([answer.rejected.length, answer.unlisted]).toEqual([100, count - 100]);
  }
});

test("a body over 64 KiB is 413", async () => {
  const { status, type } = await problem(post("/v1/heartbeat", " ".repeat(64 * 1024 + 1)));
  expect([status, type]).toEqual([413, "body-too-large"]);
});

test("a body of another type, or compressed, is 415", async () => {
  const headers: Record<string, string>[] = [{ "content-type": "text/html" }, { "content-encoding": "gzip" }];
  for (const header of headers) {
    const { status } = await problem(post("/v1/heartbeat", "{}", header));
    expect(status).toBe(415);
  }
});

test("a missing, malformed or foreign key is 401", async () => {
  const good = await app.key("pub");
  const foreign = good.replace("_doors_", "_other_");
  const flipped = good.slice(0, -1) + (good.endsWith("A") ? "B" : "A");
  const asSecret = good.replace("hc_pub_", "hc_secret_");
  for (const key of [
    "",
    "hc_pub_doors_",
    foreign,
    flipped,
    asSecret,
    `${good} `,
    good.slice(0, -1),
    "é".repeat(40),
  ]) {
    expect((await problem(post("/v1/heartbeat", JSON.stringify({ key, beats: [] })))).status).toBe(401);
    const asked = app.fetch("/v1/active", {
      headers: { authorization: `Bearer ${encodeURIComponent(key)}` },
    });
    expect((await problem(asked)).status).toBe(401);
  }
  expect((await problem(post("/v1/heartbeat", '{"beats":[]}'))).type).toBe("credentials-missing");
  expect((await problem(exports.default.fetch(`${url}/v1/active`))).type).toBe("credentials-missing");
});

test("each route takes the roles that it is for and refuses the others with 403", async () => {
  const routes: [method: string, path: string, body: string | null, allowed: Role[]][] = [
    ["POST", "/v1/activity", '{"beats":[]}', ["secret"]],
    ["GET", "/v1/active", null, ["read", "secret"]],
    ["GET", "/v1/settings", null, ["secret"]],
    ["PUT", "/v1/settings", "{}", ["secret"]],
  ];
  for (const [method, path, body, allowed] of routes) {
    for (const role of ["pub", "read", "secret"] as const) {
      const headers = body === null ? {} : { "content-type": "application/json" };
      const response = await app.fetch(path, { method, body, headers }, role);
      expect([path, role, response.status]).toEqual([path, role, allowed.includes(role) ? 200 : 403]);
    }
  }
  for (const [role, status] of [
    ["pub", 200],
    ["secret", 200],
    ["read", 403],
  ] as const) {
    const body = JSON.stringify({ key: await app.key(role), beats: [] });
    expect((await post("/v1/heartbeat", body)).status).toBe(status);
  }
});

test("an unknown path is 404, another method 405 with those there are", async () => {
  expect((await problem(exports.default.fetch(`${url}/v2/heartbeat`))).status).toBe(404);
  const refused = await exports.default.fetch(`${url}/v1/heartbeat`);
  expect(refused.headers.get("allow")).toBe("POST, OPTIONS");
  expect((await problem(refused)).status).toBe(405);
});

test("HEAD answers like GET without a body", async () => {
  const response = await exports.default.fetch(`${url}/healthz`, { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("");
});

test("a page of any origin may report and read the answer, until origins are set", async () => {
  const browser = new AppClient("origins");
  const from = (origin: string) => browser.heartbeat([{ user: "a" }], { headers: { origin } });
  const open = await from("https://anywhere.example");
  expect(open.status).toBe(200);
  expect(open.headers.get("access-control-allow-origin")).toBe("*");

  await browser.set({ origins: ["https://app.example.com"] });
  expect((await from("https://app.example.com")).status).toBe(200);
  expect((await problem(from("https://anywhere.example"))).type).toBe("origin-not-allowed");
  expect((await problem(from("null"))).type).toBe("origin-not-allowed");
  // What isn't a browser names no origin; it needs the key all the same.
  expect((await browser.heartbeat([{ user: "a" }])).status).toBe(200);
});

test("a preflight is answered without a key", async () => {
  const response = await exports.default.fetch(`${url}/v1/active`, { method: "OPTIONS" });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
});

test("a query that can't be read is 400 and says what would be right", async () => {
  for (const query of [
    "window=0h",
    "window=24",
    "window=1w",
    "window=24h,,7d",
    "window=-1h",
    "since=yesterday",
    "since=2026-11-19",
    "since=99999999999999",
    `since=${Date.now() + dayMs}`,
    "from=2026-02-30&to=2026-03-01",
    "from=2026-02-30T00:00:00Z&to=2026-03-01",
    "since=1795203773",
    "since=2026-11-19T10:00:00",
    "from=2026-11-10&to=2026-11-10T24:00:00Z",
    "from=2026-11-10&to=2026-11-09",
    "to=2026-11-10",
    "from=2026-11-10T10:00",
    "period=year",
    "date=2026-11-10",
    "period=day&date=10.11.2026",
    "window=24h&since=0",
    "window=24h&window=7d",
    "colour=red",
    "fresh=yes",
    `window=${Array.from({ length: 21 }, () => "1h").join(",")}`,
  ]) {
    const { status, type, detail } = await problem(app.fetch(`/v1/active?${query}`, {}, "read"));
    expect([query, status, type]).toEqual([query, 400, "invalid-query"]);
    expect(detail.length).toBeGreaterThan(20);
  }
});
