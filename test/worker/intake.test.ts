import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;

test("a member that isn't known is refused by name, and nobody is active today for it", async () => {
  const app = new AppClient("unknown-members");
  await app.set({ dimensions: ["plan"] });
  const old = Date.now() - 40 * dayMs;
  const names = ["timestamp", "time", "ts", "last_active_time", "created_at", "At", "a@b.example", "plan"];
  const refused = await problem(app.activity(names.map((name) => ({ user: `u-${name}`, [name]: old }))));
  expect(refused).toMatchObject({
    type: "nothing-accepted",
    status: 422,
    accepted: 0,
    rejected: names.length,
  });
  const errors = refused["errors"] as { line: number; error: string }[];
  expect(errors.map(({ error }) => error)).toEqual([
    "timestamp: unknown; did you mean at?",
    "time: unknown; did you mean at?",
    "ts: unknown; did you mean at?",
    "last_active_time: unknown; did you mean at?",
    "created_at: unknown; did you mean at or since?",
    "At: unknown; did you mean at?",
    "unknown member: expected user, anonymous, at, via, since, dimensions",
    'plan: unknown; did you mean {"dimensions":{"plan":…}}?',
  ]);
  expect(await app.count("window=24h")).toBeNull();
  const json = { "content-type": "application/json" };
  expect((await problem(app.activity('{"beats":[],"beat":1}', json))).detail).toContain(
    "did you mean beats?",
  );
});

test("a heartbeat leaves out what it doesn't know, keeps the beat, and tells the names", async () => {
  const app = new AppClient("left-out");
  const key = await app.key("pub");
  const body = {
    key,
    colour: "red",
    now: "soon",
    includeBots: "yes",
    beats: [
      { user: "a", timestamp: 5, since: "2026-02-30", via: "telepathy", dimensions: "none" },
      { user: "b", since: null, via: null, dimensions: null, "someone@example.com": 1 },
      { user: null, anonymous: "c", since: Math.floor(Date.now() / 1000) },
      { user: "d", since: "" },
    ],
  };
  const response = await app.heartbeat([], { body: JSON.stringify(body) });
  expect(await response.json()).toEqual({
    accepted: 4,
    rejected: [],
    interval: 300,
    ignored: ["colour", "now", "includeBots", "timestamp", "via", "since", "dimensions"],
  });
  expect(await app.count("window=24h")).toBe(4);
});

test("what is left out is told in no more than twenty names, and never with a value", async () => {
  const app = new AppClient("many-names");
  const strange = Object.fromEntries(people(50).map((name) => [name.replace("-", "_"), "secret"]));
  const { ignored } = await app.beat({ user: "a", ...strange });
  expect(ignored).toHaveLength(20);
  expect(JSON.stringify(ignored)).not.toContain("secret");
});

test("a line without a time among lines that have one is refused, unless it says how it came about", async () => {
  const app = new AppClient("timeless");
  const at = Date.now() - 40 * dayMs;
  const answer = await app.import([
    { user: "a" },
    { user: "b", at },
    { user: "c" },
    { user: "d", via: "server" },
    { user: "e", at: new Date(at).toISOString() },
  ]);
  expect(answer).toMatchObject({
    accepted: 4,
    rejected: 1,
    errors: [{ line: 3, error: expect.stringContaining("at: missing") }],
  });
  expect(await app.count("window=24h")).toBe(2);
});

test("times are Unix milliseconds or ISO 8601; Unix seconds only where the request says so", async () => {
  const app = new AppClient("units");
  const seconds = Math.floor(Date.now() / 1000) - 10 * 86_400;
  const inSeconds = [{ user: "a", at: seconds, since: seconds - 86_400 }];
  expect((await problem(app.activity(inSeconds))).detail).toContain(
    "looks like seconds: expected milliseconds",
  );
  expect(await (await app.activity(inSeconds, {}, "?timeUnit=s")).json()).toMatchObject({ accepted: 1 });
  const inMilliseconds = [{ user: "b", at: seconds * 1000 }];
  expect((await problem(app.activity(inMilliseconds, {}, "?timeUnit=s"))).detail).toContain("milliseconds");
  for (const query of ["?timeUnit=m", "?timeunit=s", "?timeUnit=s&timeUnit=s"]) {
    expect((await problem(app.activity(inSeconds, {}, query))).type).toBe("invalid-query");
  }
  expect(await app.count("window=30d")).toBe(1);
  expect(await app.count("window=24h")).toBe(0);
});

test("what stands for a missing id is nobody's, at every door", async () => {
  const app = new AppClient("nobody");
  const send = (path: string, body: unknown, method = "POST") =>
    problem(app.fetch(path, { method, body: JSON.stringify(body) }));
  for (const id of ["undefined", "null", "NaN", "[object Object]", " ", "\n"]) {
    const { accepted, rejected } = await app.beat({ user: id }, { anonymous: id }, { user: "somebody" });
    expect([id, accepted, rejected.map(({ index }) => index)]).toEqual([id, 1, [0, 1]]);
    expect((await problem(app.activity([{ user: id }]))).detail).toContain("user: expected an id");
    const details = await Promise.all([
      send("/v1/links", { from: id, to: "a" }),
      send("/v1/links", { from: "a", to: id }),
      send("/v1/exclusions", { user: id }),
      send("/v1/token", { client: "c", user: id, key: await app.key("pub") }),
      send("/v1/token", { client: id, user: "a", key: await app.key("pub") }),
    ]);
    for (const { status, detail } of details) {
      expect([id, status, detail]).toEqual([id, 400, expect.stringContaining("expected an id")]);
    }
  }
  expect(await app.count("window=24h")).toBe(1);
});

test("times by a clock that is wrong are put right by what it says that it is", async () => {
  const key = async (app: AppClient) => app.key("pub");
  for (const [name, off] of Object.entries({
    ahead: dayMs,
    behind: -8 * dayMs,
    reset: -Date.now() + 5 * dayMs,
  })) {
    const app = new AppClient(`clock-${name}`);
    const now = Date.now();
    const beats = [0, 1, 2, 3].map((ago) => ({
      user: "a",
      at: now + off - ago * dayMs,
      since: now + off - 3 * dayMs,
    }));
    const body = JSON.stringify({ key: await key(app), beats, now: now + off });
    const answer = await (await app.heartbeat([], { body })).json();
    expect([name, answer]).toEqual([name, { accepted: 4, rejected: [], interval: 300 }]);
    expect(await app.count(`from=${now - 3 * dayMs}&to=${now - 2.5 * dayMs}`)).toBe(1);
    const response = await app.fetch("/v1/timeseries?metric=new&fresh=1");
    const { points } = await response.json<{ points: { date: string; count: number | null }[] }>();
    const news = points.filter(({ count }) => count).map(({ date, count }) => [date, count]);
    expect([name, news]).toEqual([name, [[new Date(now - 3 * dayMs).toISOString().slice(0, 10), 1]]]);
  }
});

test("a beat that was stamped before the clock went wrong stays where it was", async () => {
  const app = new AppClient("clock-turned");
  const now = Date.now();
  const beats = [
    { user: "a", at: now - dayMs },
    { user: "b", at: now + 365 * dayMs },
  ];
  const body = JSON.stringify({ key: await app.key("pub"), beats, now: now + 365 * dayMs });
  expect(await (await app.heartbeat([], { body })).json()).toMatchObject({ accepted: 2 });
  expect(await app.count("window=1h")).toBe(1);
  expect(await app.count("window=48h")).toBe(2);
});

test("a first day in the future makes nobody new day after day", async () => {
  const app = new AppClient("future-since");
  const now = Date.now();
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  // Of nine in ten people the first day has to be known, else nobody is told to be new.
  const others = Array.from({ length: 10 }, (_, index) => ({
    anonymous: `other-${index}`,
    since: now - 5 * dayMs,
  }));
  for (const ago of [5, 3, 2, 1, 0]) {
    await app.beat(...others.map((other) => ({ ...other, at: now - ago * dayMs })));
  }
  for (const since of [day(now + 365 * dayMs), now + 365 * dayMs, new Date(now + 3 * dayMs).toISOString()]) {
    for (const ago of [3, 2, 1, 0]) {
      const { ignored } = await app.beat({ anonymous: "ahead", since, at: now - ago * dayMs });
      expect(ignored).toEqual(["since"]);
    }
  }
  const response = await app.fetch(`/v1/timeseries?metric=new&fresh=1&from=${day(now - 3 * dayMs)}`);
  const { points } = await response.json<{ points: { count: number }[] }>();
  expect(points.map(({ count }) => count)).toEqual([0, 0, 0, 0]);
});

test("whoever signs up in the evening is of one cohort, told by an instant, in the app's zone", async () => {
  const app = new AppClient("evening");
  await app.set({ timeZone: "America/New_York" });
  const midnight = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs;
  const signUp = midnight + 2 * 3_600_000;
  const local = new Date(midnight - dayMs).toISOString().slice(0, 10);
  await app.import(
    people(20).flatMap((user) => [
      { user, at: signUp, since: signUp },
      { user, at: signUp + 14 * 3_600_000, since: new Date(signUp).toISOString() },
    ]),
  );
  const response = await app.fetch("/v1/retention?interval=day&cohorts=6&periods=2&fresh=1");
  const { cohorts } = await response.json<{
    cohorts: { cohort: string; size: { count: number | null }; periods: { count: number | null }[] }[];
  }>();
  const rows = cohorts
    .filter(({ size }) => size.count)
    .map((row) => [row.cohort, row.size.count, row.periods.map(({ count }) => count)]);
  expect(rows).toEqual([[local, 20, [20, 20]]]);
});

test("apps and sub-domains are let in by `origins`, and nobody else", async () => {
  const app = new AppClient("app-origins");
  const status = async (origin: string) =>
    (await app.heartbeat([{ user: "a" }], { headers: { origin } })).status;
  await app.set({ origins: ["capacitor://localhost", "https://*.example.com", "null"] });
  for (const origin of ["capacitor://localhost", "https://app.example.com", "null"]) {
    expect([origin, await status(origin)]).toEqual([origin, 200]);
  }
  for (const origin of ["ionic://localhost", "https://example.com", "https://evil.example"]) {
    expect([origin, await status(origin)]).toEqual([origin, 403]);
  }
  const refused = await problem(
    app.fetch("/v1/settings", { method: "PUT", body: JSON.stringify({ origins: ["https://app.*.com"] }) }),
  );
  expect([refused.status, refused.detail]).toEqual([422, expect.stringContaining("https://*.example.com")]);
});

test("what looks like a bot is counted where the app asks for it, or somebody vouches for who it is", async () => {
  const app = new AppClient("bots-in");
  const headers = {
    "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  };
  const send = async (credentials: object, more: object = {}) => {
    const body = JSON.stringify({ ...credentials, beats: [{ user: "a" }], ...more });
    return (await (await app.heartbeat([], { headers, body })).json<{ accepted: number }>()).accepted;
  };
  const key = await app.key("pub");
  expect(await send({ key })).toBe(0);
  expect(await send({ key }, { includeBots: false })).toBe(0);
  expect(await send({ key }, { includeBots: true })).toBe(1);
  expect(await send({ key: await app.key("secret") })).toBe(1);
  const exchange = { key: await app.key("secret"), client: "c", user: "a" };
  expect(await send({ token: await app.token(exchange) })).toBe(1);
  expect(await send({ token: await app.token({ client: "d", user: "a" }) })).toBe(0);
});
