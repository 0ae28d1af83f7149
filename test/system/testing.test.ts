import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createHeadcount } from "../../sdk/server/index.ts";
import { startHeadcount, type StartOptions, type TestHeadcount } from "../../sdk/testing/index.ts";
import { connectAll } from "../support/live-client.ts";
import { installPacked } from "../support/packed.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Monday, at noon. */
const now = Date.UTC(2026, 0, 5, 12);

/** A project that has the package installed, and nothing else. */
let dir: string;
const services: TestHeadcount[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "headcount-testing-"));
  await installPacked(dir);
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

async function start(options: StartOptions = {}): Promise<TestHeadcount> {
  const service = await startHeadcount({ now, ...options });
  services.push(service);
  return service;
}

async function report({ url, keys }: TestHeadcount, users: readonly string[]): Promise<void> {
  const response = await fetch(`${url}/v1/activity`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.secret}`, "content-type": "application/x-ndjson" },
    body: users.map((user) => JSON.stringify({ user })).join("\n"),
  });
  expect(await response.json()).toEqual({ accepted: users.length, rejected: 0, errors: [] });
}

test("counts are those of an exact set, over 40 days of people who come every few days", async () => {
  const service = await start();
  const seen: { user: string; at: number }[] = [];
  const exact = (ms: number) =>
    new Set(seen.filter(({ at }) => at > service.now() - ms).map(({ user }) => user)).size;
  for (let day = 0; day < 40; day++) {
    const users = Array.from({ length: 60 }, (_, n) => n)
      .filter((n) => day % ((n % 35) + 1) === 0)
      .map((n) => `u-${n}`);
    await report(service, users);
    seen.push(...users.map((user) => ({ user, at: service.now() })));
    expect([day, await service.counts()]).toEqual([
      day,
      { online: users.length, dau: exact(dayMs), wau: exact(7 * dayMs), mau: exact(30 * dayMs) },
    ]);
    await service.advance(25 * hourMs);
  }
});

test("a day later the daily count has fallen and the weekly one has not; days are closed in order", async () => {
  const service = await start();
  expect(await service.counts()).toEqual({ online: 0, dau: 0, wau: 0, mau: 0 });
  await report(service, ["ada", "bob"]);
  await service.advance(25 * hourMs);
  expect(await service.counts()).toEqual({ online: 0, dau: 0, wau: 2, mau: 2 });
  await report(service, ["ada"]);
  expect(await service.counts()).toEqual({ online: 1, dau: 1, wau: 2, mau: 2 });
  await service.advance(10 * dayMs);
  expect(await service.counts()).toEqual({ online: 0, dau: 0, wau: 0, mau: 2 });
  const { query } = createHeadcount({ endpoint: service.url, secretKey: service.keys.secret });
  const { points } = await query.timeseries({ metric: "dau", from: "2026-01-05", to: "2026-01-08" });
  expect(points.map(({ date, closed, count }) => [date, closed, count])).toEqual([
    ["2026-01-05", true, 2],
    ["2026-01-06", true, 1],
    ["2026-01-07", true, 0],
  ]);
});

test("what waits for the clock happens when it is moved: shards tell the roll-up", async () => {
  const service = await start();
  await report(service, ["ada"]);
  await service.advance(60_000);
  const { query } = createHeadcount({ endpoint: service.url, secretKey: service.keys.secret });
  expect((await query.active({ window: "24h" })).windows[0]?.count).toBe(1);
});

test("whose socket is open stays online while the clock is moved", async () => {
  const service = await start();
  const [client] = await connectAll({ url: service.url, keys: { app: "test", ...service.keys } }, [
    { user: "ada" },
  ]);
  await service.advance(hourMs);
  expect(await service.counts()).toEqual({ online: 1, dau: 1, wau: 1, mau: 1 });
  client?.close();
  await client?.closed;
  await service.advance(hourMs);
  expect(await service.counts()).toEqual({ online: 0, dau: 1, wau: 1, mau: 1 });
});

test("settings are those of the app, and what it refuses is said", async () => {
  const service = await start({ app: "shop", timeZone: "Asia/Tokyo", settings: { dimensions: ["plan"] } });
  const response = await fetch(`${service.url}/v1/settings`, {
    headers: { authorization: `Bearer ${service.keys.secret}` },
  });
  expect(await response.json()).toMatchObject({ timeZone: "Asia/Tokyo", dimensions: ["plan"] });
  expect(service.keys.public).toMatch(/^hc_pub_shop_/);
  const beats = [
    { user: "ada", dimensions: { plan: "free" } },
    { user: "bob", dimensions: { plan: "paid" } },
  ];
  await fetch(`${service.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key: service.keys.public, beats }),
  });
  expect(await service.counts({ plan: "free" })).toEqual({ online: 1, dau: 1, wau: 1, mau: 1 });
  await expect(service.counts({ nothing: "x" })).rejects.toThrow("or a dimension: plan");
  await expect(start({ settings: { timeZone: "Nowhere" } })).rejects.toThrow(
    /^headcount\/testing: settings: timeZone/,
  );
  await expect(start({ app: "No" })).rejects.toThrow("app: expected 1 to 40");
  await expect(start({ now: Number.NaN })).rejects.toThrow("now: expected Unix milliseconds");
  await expect(service.advance(-1)).rejects.toThrow("advance: expected milliseconds");
});

test("two services see nothing of each other, neither people nor keys nor clocks", async () => {
  const [one, other] = await Promise.all([start(), start()]);
  await report(one, ["ada"]);
  await one.advance(2 * dayMs);
  expect(await one.counts()).toMatchObject({ dau: 0, wau: 1 });
  expect(await other.counts()).toMatchObject({ dau: 0, wau: 0 });
  expect(other.now()).toBeLessThan(now + dayMs);
  const { status } = await fetch(`${other.url}/v1/active?window=24h`, {
    headers: { authorization: `Bearer ${one.keys.read}` },
  });
  expect(status).toBe(401);
});

test("once it has stopped nobody listens, and stopping again does nothing", async () => {
  const service = await start();
  expect(new URL(service.url).hostname).toBe("127.0.0.1");
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  await service[Symbol.asyncDispose]();
  await service.stop();
  await expect(fetch(`${service.url}/healthz`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

test("what is deployed has no clock that can be moved", async () => {
  const worker = await readFile(join(rootDir, "dist/worker.js"), "utf8");
  expect(worker.match(/TESTING|headcount-testing/i)).toBeNull();
  const service = await start();
  const { status } = await fetch(`${service.url}/advance?ms=1000`, {
    method: "POST",
    headers: { "x-headcount-testing": "guessed" },
  });
  expect(status).toBe(404);
});

test("it doesn't bring the package that it comes in", async () => {
  const service = await start();
  const response = await fetch(`${service.url}/headcount.tgz`);
  expect([response.status, await response.json()]).toMatchObject([404, { type: "not-found" }]);
  expect((await fetch(`${service.url}/sdk.js`)).status).toBe(200);
});

/** Runs a script in a project. Resolves once it has ended by itself. */
async function script(cwd: string, format: "module" | "commonjs", body: string): Promise<string> {
  const load =
    format === "module"
      ? `import { startHeadcount } from "headcount/testing";`
      : `const { startHeadcount } = require("headcount/testing");`;
  const source = `${load} (async () => { ${body} })();`;
  const { stdout } = await run(process.execPath, [`--input-type=${format}`, "--eval", source], { cwd });
  return stdout;
}

test.each(["module", "commonjs"] as const)(
  "without Miniflare it says what to install: %s",
  async (format) => {
    const said = await script(
      dir,
      format,
      "await startHeadcount().catch((error) => console.log(error.message));",
    );
    expect(said).toBe("headcount/testing needs Miniflare: npm install --save-dev miniflare\n");
  },
);

test("the example's tests pass where the packed package is installed, and a script ends once it has stopped", async () => {
  const project = join(dir, "example");
  await cp(join(rootDir, "examples/testing"), project, { recursive: true });
  await cp(join(dir, "node_modules"), join(project, "node_modules"), { recursive: true });
  for (const name of ["miniflare", "vitest", "@types"]) {
    await symlink(join(rootDir, "node_modules", name), join(project, "node_modules", name));
  }
  await run(join(rootDir, "node_modules/.bin/tsc"), ["-p", project]);
  const vitest = join(rootDir, "node_modules/vitest/vitest.mjs");
  const { stdout } = await run(process.execPath, [vitest, "run", "--reporter=json"], { cwd: project });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 3, numTotalTests: 3 });

  for (const format of ["module", "commonjs"] as const) {
    const said = await script(
      project,
      format,
      "const service = await startHeadcount(); console.log(await service.counts()); await service.stop();",
    );
    expect(said).toBe("{ online: 0, dau: 0, wau: 0, mau: 0 }\n");
  }
});
