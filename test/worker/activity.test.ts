import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const url = "https://headcount.test";
const dayMs = 86_400_000;

test("settings keep what is not named, and refuse what they can't hold", async () => {
  const settings = new AppClient("settings");
  const defaults = {
    timeZone: "UTC",
    retentionDays: 400,
    resolution: "5m",
    shards: 1,
    lastSeenUntil: null,
    dimensions: ["platform", "browser"],
    allowedValues: {},
    origins: [],
    embedOrigins: [],
    keyRevision: 0,
    keyRevisions: { pub: 0, read: 0, secret: 0, share: 0 },
    identity: "open",
    jwt: null,
    tokenTtl: 1_814_400,
    tokenMinTtl: 86_400,
    webhooks: [],
  };
  expect(await (await settings.fetch("/v1/settings")).json()).toEqual(defaults);
  expect(await settings.set({ timeZone: "Europe/Berlin" })).toEqual({
    ...defaults,
    timeZone: "Europe/Berlin",
  });
  expect(await settings.set({ shards: 4 })).toEqual({ ...defaults, timeZone: "Europe/Berlin", shards: 4 });
  for (const wrong of [
    { timeZone: "Mars/Olympus" },
    { retentionDays: 0 },
    { resolution: "2h" },
    { retentionDays: 1.5 },
    { shards: 3 },
    { shards: 512 },
    { origins: ["https://a.example/path"] },
    { origins: ["javascript:alert(1)"] },
    { origins: "https://a.example" },
    { dimensions: ["window"] },
    { dimensions: ["Plan"] },
    { dimensions: ["plan", "plan"] },
    { dimensions: ["a", "b", "c", "d", "e", "f", "g", "h", "i"] },
    { colour: "red" },
    [],
  ]) {
    const refused = settings.fetch("/v1/settings", { method: "PUT", body: JSON.stringify(wrong) });
    const { status, detail } = await problem(refused);
    expect([wrong, status]).toEqual([wrong, 422]);
    expect(detail).toContain("expected");
  }
  expect(await (await settings.fetch("/v1/settings")).json()).toMatchObject({
    timeZone: "Europe/Berlin",
    shards: 4,
  });
});

test("NDJSON says in which line an error is, and keeps the other lines", async () => {
  const lines = [
    '{"user":"a"}',
    "",
    "not json",
    '{"user":""}',
    `{"user":"${"x".repeat(20_000)}"}`,
    '{"user":"b"}\r',
    '{"user":"ü – 漢字 – 🙂"}',
  ];
  // Chunks of seven bytes cut lines and characters anywhere.
  const bytes = new TextEncoder().encode(lines.join("\n"));
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += 7)));
    },
  });
  const imported = new AppClient("ndjson");
  const response = await imported.fetch("/v1/activity", {
    method: "POST",
    body,
    headers: { "content-type": "application/x-ndjson" },
  });
  expect(await response.json()).toEqual({
    accepted: 3,
    rejected: 3,
    errors: [
      { line: 3, error: "not JSON: expected one beat on each line" },
      { line: 4, error: "user: expected 1 to 256 characters, got none" },
      { line: 5, error: "longer than 16384 bytes" },
    ],
  });
  expect(await imported.count("window=24h")).toBe(3);
});

test("NDJSON lists the first 20 errors and counts them all", async () => {
  const imported = new AppClient("ndjson-errors");
  const answer = await imported.import([...people(50).map(() => ({ user: 1 })), { user: "good" }]);
  expect([answer.accepted, answer.rejected, answer.errors.length]).toEqual([1, 50, 20]);
});

test("JSON activity is taken up to the retention in the past, with places counted from 1", async () => {
  const server = new AppClient("server");
  const response = await server.fetch("/v1/activity", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      beats: [
        { user: "a", at: Date.now() - 300 * dayMs },
        { user: "b", at: Date.now() - 401 * dayMs },
      ],
    }),
  });
  expect(await response.json()).toMatchObject({ accepted: 1, rejected: 1, errors: [{ line: 2 }] });
  expect(await server.count("window=365d")).toBe(1);
});

test("the SDK's script is served to pages of any origin", async () => {
  const response = await exports.default.fetch(`${url}/sdk.js`);
  expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect((await response.text()).length).toBeGreaterThan(100);
});
