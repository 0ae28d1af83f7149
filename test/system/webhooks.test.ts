import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { blocksOf } from "../support/documented.ts";
import { freePort } from "../support/proxies.ts";
import { type Receiver, startReceiver, verified } from "../support/receiver.ts";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

const dayMs = 86_400_000;
const receivers: Receiver[] = [];

afterAll(cleanUp);
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function receive(statusOf?: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const receiver = await startReceiver(statusOf);
  receivers.push(receiver);
  return receiver;
}

async function call({ url, keys }: TestServer, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url + path, { ...init, headers: { authorization: `Bearer ${keys.secret}` } });
}

interface Setting {
  url: string;
  secret: string;
}

async function setWebhooks(server: TestServer, webhooks: object[]): Promise<Setting[]> {
  const response = await call(server, "/v1/settings", { method: "PUT", body: JSON.stringify({ webhooks }) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { webhooks: Setting[] }).webhooks;
}

async function outcomes(server: TestServer): Promise<object[]> {
  const response = await call(server, "/v1/status?part=rollup");
  const { parts } = (await response.json()) as { parts: { webhooks?: object[] }[] };
  return parts[0]?.webhooks ?? [];
}

const dayOf = (daysAgo: number) => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);

/** Three people yesterday, and two on the same weekday of the week before. */
async function report(server: TestServer): Promise<void> {
  const beats = [
    ...["a", "b", "c"].map((user) => ({ user, at: Date.parse(dayOf(1)) + 1000 })),
    ...["a", "b"].map((user) => ({ user, at: Date.parse(dayOf(8)) + 1000 })),
  ];
  const reported = await call(server, "/v1/activity", { method: "POST", body: JSON.stringify({ beats }) });
  expect(await reported.json()).toMatchObject({ accepted: 5 });
}

test("a daily report reaches a real receiver, signed, again after a 500, and once also after a restart", async () => {
  // What comes first is refused twice.
  const receiver = await receive((path, before) => (path === "/hooks/x7k" && before < 2 ? 500 : 200));
  const env = { HEADCOUNT_WEBHOOK_ALLOW: receiver.origin };
  const server = await startServer({ env });
  await report(server);
  const url = `${receiver.origin}/hooks/x7k`;
  const [set] = await setWebhooks(server, [{ url, events: ["daily"] }]);
  expect(set?.secret).toMatch(/^whsec_/);
  const arrived = () => receiver.received.filter(({ path }) => path === "/hooks/x7k");
  await expect.poll(() => arrived().length, { timeout: 60_000 }).toBe(4);

  const told = arrived().map((message) => verified(set?.secret ?? "", message));
  const exact = (count: number) => ({ count, low: count, high: count });
  expect(told.find(({ event }) => event === "daily")).toMatchObject({
    app: "demo",
    text: expect.stringContaining("3 daily active users, +50.0 % on the week before"),
    data: {
      day: dayOf(1),
      dau: exact(3),
      wau: exact(3),
      mau: exact(3),
      weekBefore: { day: dayOf(8), dau: exact(2) },
      change: { value: 50, low: 50, high: 50 },
    },
  });
  expect(told.filter(({ event }) => event === "hello").length).toBe(2);
  // What is sent again is the same message.
  const sent = arrived().map(({ headers, body }) => `${String(headers["webhook-id"])} ${body}`);
  expect(new Set(sent).size).toBe(2);
  await expect
    .poll(() => outcomes(server))
    .toEqual([
      expect.objectContaining({ origin: receiver.origin, state: "delivered", reason: null, nextAt: null }),
    ]);
  expect(JSON.stringify(await outcomes(server))).not.toContain("x7k");

  expect(await server.stop()).toBe(0);
  const again = await startServer({ env, dataDir: server.dataDir });
  const other = `${receiver.origin}/hooks/other`;
  // The secret of a URL stays; who reads settings is shown none.
  const kept = await setWebhooks(again, [
    { url, secret: "(hidden)", events: ["daily"] },
    { url: other, events: ["weekly"] },
  ]);
  expect(kept.map(({ secret }) => secret)).toEqual(["(hidden)", expect.stringMatching(/^whsec_/)]);
  const ofOther = () => receiver.received.filter(({ path }) => path === "/hooks/other");
  await expect.poll(() => ofOther().length, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(async () => (await outcomes(again)).length).toBe(2);
  expect(arrived().length).toBe(4);
  expect(await again.stop()).toBe(0);
});

test("a redirect isn't followed, a receiver that never answers is given up for now, and counting goes on meanwhile", async () => {
  const receiver = await receive((path) => (path === "/away" ? 302 : path === "/mute" ? null : 200));
  const server = await startServer({ env: { HEADCOUNT_WEBHOOK_ALLOW: receiver.origin } });
  const at = (path: string) => ({ url: receiver.origin + path, events: ["drop"] });
  await setWebhooks(server, [at("/away"), at("/mute")]);
  const paths = () => new Set(receiver.received.map(({ path }) => path));
  await expect.poll(paths, { timeout: 60_000 }).toEqual(new Set(["/away", "/mute"]));
  // While the alarm waits for an answer.
  const beat = { key: server.keys.public, beats: [{ user: "somebody" }] };
  const beaten = await fetch(`${server.url}/v1/heartbeat`, { method: "POST", body: JSON.stringify(beat) });
  expect(beaten.status).toBe(200);
  const asked = await call(server, "/v1/active?window=24h&fresh=1");
  expect(await asked.json()).toMatchObject({ windows: [{ count: 1 }] });
  await expect
    .poll(() => outcomes(server), { timeout: 60_000 })
    .toEqual([
      expect.objectContaining({
        state: "waiting",
        reason: "the receiver answered 302: expected 200 to 299",
        nextAt: expect.any(String),
      }),
      expect.objectContaining({ state: "waiting", reason: "the receiver didn't answer within 10 s" }),
    ]);
  expect(paths()).toEqual(new Set(["/away", "/mute"]));
  expect(await server.stop()).toBe(0);
});

test("a receiver on an own address that isn't allowed is neither taken as a setting nor sent to where it is stored", async () => {
  const receiver = await receive();
  const server = await startServer({ env: { HEADCOUNT_WEBHOOK_ALLOW: receiver.origin } });
  const webhook = { url: `${receiver.origin}/hook`, events: ["daily"] };
  const [set] = await setWebhooks(server, [webhook]);
  await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(1);
  expect(verified(set?.secret ?? "", receiver.received[0]!)).toMatchObject({ event: "hello" });
  const exported = await (await call(server, "/v1/export")).text();
  expect(exported).toContain(webhook.url);
  expect(exported).not.toContain(set?.secret);
  expect(await server.stop()).toBe(0);

  const strict = await startServer({ dataDir: server.dataDir });
  const body = JSON.stringify({ webhooks: [webhook] });
  const refused = await call(strict, "/v1/settings", { method: "PUT", body });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("HEADCOUNT_WEBHOOK_ALLOW");
  // The webhook is still there, and now there is a day to tell of.
  await report(strict);
  await expect
    .poll(() => outcomes(strict), { timeout: 60_000 })
    .toEqual([
      expect.objectContaining({
        state: "waiting",
        event: "daily",
        reason: expect.stringContaining("HEADCOUNT_WEBHOOK_ALLOW"),
      }),
    ]);
  expect(receiver.received.length).toBe(1);
  expect(await strict.stop()).toBe(0);
});

test("the receiver of the documentation takes what the service signs, and nothing else", async () => {
  const page = await readFile(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
  const code = blocksOf(page).find(({ language }) => language === "js");
  const file = join(await makeDataDir(), "receiver.mjs");
  await writeFile(file, code?.lines.join("\n") ?? "");
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) };
  const receiver = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    let printed = "";
    receiver.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const server = await startServer({ env: { HEADCOUNT_WEBHOOK_ALLOW: origin } });
    await setWebhooks(server, [{ url: origin, secret, events: ["drop", "silence"] }]);
    await expect
      .poll(() => printed, { timeout: 60_000 })
      .toBe("Headcount will report on the app demo here: drop, silence.\n");
    await expect.poll(() => outcomes(server)).toMatchObject([{ state: "delivered", event: "hello" }]);

    // What somebody else makes up, and what was signed for something else.
    const now = Math.floor(Date.now() / 1000);
    const { Webhook } = await import("standardwebhooks");
    const signed = new Webhook(secret).sign("msg_1", new Date(now * 1000), '{"text":"one"}');
    const send = async (body: string, signature: string, timestamp = now) => {
      const headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signature,
      };
      return (await fetch(origin, { method: "POST", headers, body })).status;
    };
    expect(await send('{"text":"one"}', signed)).toBe(204);
    expect(await send('{"text":"two"}', signed)).toBe(400);
    expect(await send('{"text":"one"}', signed, now - 1)).toBe(400);
    expect(await send('{"text":"one"}', "v1,AAAA")).toBe(400);
    expect((await fetch(origin, { method: "POST", body: "{}" })).status).toBe(400);
    const old = new Webhook(secret).sign("msg_1", new Date((now - 600) * 1000), '{"text":"one"}');
    expect(await send('{"text":"one"}', old, now - 600)).toBe(400);
    expect(await server.stop()).toBe(0);
  } finally {
    receiver.kill();
  }
});
