import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cleanUp, makeDataDir, npm, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

const users = (count: number) => Array.from({ length: count }, (_, index) => ({ user: `person-${index}` }));

async function beat(
  server: TestServer,
  beats: { user: string }[],
  key = server.keys.public,
): Promise<number> {
  const response = await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key, beats }),
  });
  await response.text();
  return response.status;
}

interface Answer {
  windows?: { count: number }[];
  state?: string;
  detail?: string;
}

async function ask(
  server: TestServer,
  path = "/v1/active?window=24h&fresh=1",
  key = server.keys.read,
): Promise<{ status: number; body: Answer }> {
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Answer };
}

/** A stopped server that has counted 50 people, and the files of its roll-up. */
async function stoppedServer(): Promise<{ dataDir: string; files: string[] }> {
  const server = await startServer();
  expect(await beat(server, users(50))).toBe(200);
  expect((await ask(server)).body.windows?.[0]?.count).toBe(50);
  await server.stop();
  const folder = join(server.dataDir, "objects", "headcount-rollup");
  const names = (await readdir(folder)).filter((name) => !name.startsWith("metadata"));
  expect(names.length).toBeGreaterThan(0);
  return { dataDir: server.dataDir, files: names.map((name) => join(folder, name)) };
}

async function expectDamaged(server: TestServer): Promise<void> {
  for (const path of ["/v1/active?window=24h", "/v1/engagement", "/v1/status"]) {
    const { status, body } = await ask(server, path);
    expect([path, status, body.state]).toEqual([path, 503, "damaged"]);
    expect(body.detail).toContain("restore a backup");
  }
  expect(await beat(server, users(1))).toBe(503);
  const health = await fetch(`${server.url}/healthz`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: "damaged" });
}

test.for([
  ["gone", (file: string) => rm(file)],
  ["empty", (file: string) => truncate(file, 0)],
] as const)("a roll-up whose file is %s is told in words until a backup is back", async ([, lose]) => {
  const { dataDir, files } = await stoppedServer();
  const backup = join(await makeDataDir(), "backup");
  await cp(dataDir, backup, { recursive: true });
  await Promise.all(files.map(lose));
  // Also the second time, when the engine has begun another in its place.
  for (let start = 0; start < 2; start++) {
    const server = await startServer({ dataDir });
    expect(server.output()).toMatch(/the figures of an app were lost: .+restore a backup/);
    await expectDamaged(server);
    // Other apps go on.
    const { stdout } = await npm(["run", "-s", "keys", "--", "other", "--json", "--data", dataDir]);
    expect(await beat(server, users(3), JSON.parse(stdout).public)).toBe(200);
    await server.stop();
  }

  await rm(join(dataDir, "objects"), { recursive: true });
  await cp(join(backup, "objects"), join(dataDir, "objects"), { recursive: true });
  await writeFile(join(dataDir, "rollups.json"), await readFile(join(backup, "rollups.json")));
  const restored = await startServer({ dataDir });
  expect((await ask(restored)).body.windows?.[0]?.count).toBe(50);
  expect((await fetch(`${restored.url}/healthz`)).status).toBe(200);
  await restored.stop();
});

test("without a backup an app begins anew when that is said", async () => {
  const { dataDir, files } = await stoppedServer();
  await Promise.all(files.map((file) => rm(file)));
  const accepting = await startServer({ dataDir, args: ["--accept-loss"] });
  expect(await beat(accepting, users(7))).toBe(200);
  expect((await ask(accepting)).body.windows?.[0]?.count).toBe(7);
  await accepting.stop();
  const next = await startServer({ dataDir });
  expect((await ask(next)).body.windows?.[0]?.count).toBe(7);
  expect((await fetch(`${next.url}/healthz`)).status).toBe(200);
  await next.stop();
});

test("a shard knows that there was a roll-up, where the data folder doesn't", async () => {
  const { dataDir, files } = await stoppedServer();
  await Promise.all([...files, join(dataDir, "rollups.json")].map((file) => rm(file)));
  const server = await startServer({ dataDir });
  expect(await beat(server, [{ user: "somebody" }])).toBe(200);
  await expect.poll(async () => (await ask(server)).status, { timeout: 30_000 }).toBe(503);
  expect((await ask(server)).body).toMatchObject({ state: "damaged" });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
  await server.stop();
});
