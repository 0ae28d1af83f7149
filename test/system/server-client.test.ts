import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createHeadcount, type HeadcountError, type HeadcountServer } from "../../sdk/server/index.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const hourMs = 3_600_000;

let service: TestServer;
let headcount: HeadcountServer;
const errors: HeadcountError[] = [];

beforeAll(async () => {
  service = await startServer();
  const { status } = await fetch(`${service.url}/v1/settings`, {
    method: "PUT",
    headers: { authorization: `Bearer ${service.keys.secret}` },
    body: JSON.stringify({ dimensions: ["verified"] }),
  });
  expect(status).toBe(200);
  headcount = createHeadcount({
    endpoint: service.url,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
  });
});
afterAll(async () => {
  await headcount?.close();
  await service?.stop();
  await cleanUp();
});
beforeEach(stayWithinSlot, 60_000);

/** People active in a window, as long as it is exact. */
async function count(window: "24h" | "7d"): Promise<number | null | undefined> {
  const { windows } = await headcount.query.active({ window, fresh: true });
  return windows[0]?.count;
}

/** Runs a script in a process of its own, with the package imported by its name, to the end that it finds by itself. */
async function script(body: string): Promise<{ stdout: string; stderr: string }> {
  const options = JSON.stringify({ endpoint: service.url, secretKey: service.keys.secret });
  const source = `import { createHeadcount } from "headcount/server";
    const headcount = createHeadcount(${options});
    ${body}`;
  return run(process.execPath, ["--input-type=module", "--eval", source], { cwd: rootDir });
}

test("a process ends by itself while the client is open, whatever waits", async () => {
  const { stdout, stderr } = await script(`
    for (let user = 0; user < 10; user++) headcount.touch("forgotten-" + user);
    console.log("at the end");`);
  expect({ stdout, stderr }).toEqual({ stdout: "at the end\n", stderr: "" });

  // Also while it can't reach anybody, and while a pause runs.
  const lost = await script(`
    const lost = createHeadcount({ endpoint: "http://127.0.0.1:9", secretKey: "hc_secret_a_b", gatherMs: 0 });
    lost.touch("u-42");
    console.log(await lost.flush({ timeoutMs: 50 }));`);
  expect(lost.stdout).toBe("false\n");
  expect(lost.stderr).toMatch(/^Headcount: unreachable: sending activity: /);
  expect(lost.stderr).not.toContain("u-42");
});

test("a script that flushes has counted everybody when it ends", async () => {
  expect(await count("24h")).toBeNull();
  const { stdout } = await script(`
    for (let user = 0; user < 200; user++) headcount.touch("scripted-" + user);
    console.log(await headcount.close());`);
  expect(stdout).toBe("true\n");
  expect(await count("24h")).toBe(200);
});

test("a background job counts in the past, with what is known of the user", async () => {
  const before = { day: await count("24h"), week: await count("7d") };
  const at = Date.now() - 50 * hourMs;
  const since = new Date(at).toISOString().slice(0, 10);
  for (let user = 0; user < 30; user++) headcount.touch(`past-${user}`, { at: new Date(at), since });
  expect(await headcount.flush()).toBe(true);
  expect(await count("24h")).toBe(before.day);
  expect(await count("7d")).toBe((before.week ?? 0) + 30);
  const { points } = await headcount.query.timeseries({
    metric: "new",
    from: since,
    to: new Date(at + 24 * hourMs).toISOString().slice(0, 10),
    fresh: true,
  });
  expect(points).toMatchObject([{ date: since, count: 30 }]);
});

test("accounts are linked and staff excluded, in the past as from now on", async () => {
  const before = (await count("24h")) ?? 0;
  for (const user of ["recipe", "primary", "staff"]) headcount.touch(user);
  await headcount.flush();
  expect(await count("24h")).toBe(before + 3);
  await headcount.link("recipe", "primary", { days: [new Date().toISOString().slice(0, 10)] });
  expect(await count("24h")).toBe(before + 2);
  await headcount.exclude("staff");
  expect(await count("24h")).toBe(before + 1);
  await headcount.include("staff");
  headcount.touch("staff", { via: "manual", dimensions: { again: "yes" } });
  await headcount.flush();
  expect(await count("24h")).toBe(before + 2);
});

test("every question is answered in the shape of its type", async () => {
  const { query } = headcount;
  expect(await query.active({ window: ["24h", "7d"], by: "verified" })).toMatchObject({
    app: "demo",
    definition: "active/2",
    windows: [{ window: "24h", groups: [{ value: "true" }] }, { window: "7d" }],
  });
  expect((await query.active({ since: new Date(Date.now() - hourMs) })).windows[0]?.window).toBe("since");
  expect((await query.active({ period: "month" })).windows[0]?.window).toBe("month");
  expect((await query.active({ from: Date.now() - hourMs, to: new Date() })).windows[0]?.window).toBe(
    "range",
  );
  const { metrics } = await query.engagement();
  expect(metrics.find(({ metric }) => metric === "dau")).toHaveProperty("previous.count");
  expect(metrics.find(({ metric }) => metric === "stickiness")).toHaveProperty("value");
  expect((await query.timeseries({ metric: "dau" })).points.length).toBeGreaterThan(0);
  expect((await query.retention({ interval: "week", cohorts: 2 })).cohorts).toHaveLength(2);
  expect((await query.lifecycle({ periods: 3 })).periods).toHaveLength(3);
  expect((await query.online()).windows).toMatchObject([{ window: "5m", count: expect.any(Number) }]);
});

test("what the service refuses comes back as its problem document", async () => {
  const asked = headcount.query.active({ window: "24h", where: { nonsense: "x" } });
  await expect(asked).rejects.toMatchObject({
    name: "HeadcountError",
    code: "refused",
    status: 400,
    problem: { type: "invalid-query", status: 400 },
  });
  const stranger = createHeadcount({
    endpoint: service.url,
    secretKey: "hc_secret_demo_forged",
    onError: (error) => errors.push(error),
  });
  stranger.touch("u-42");
  // Given up, so nothing waits.
  expect(await stranger.flush()).toBe(true);
  headcount.touch("u-42", { since: "2026-02-30" });
  await headcount.flush();
  expect(errors.splice(0)).toMatchObject([
    { code: "refused", status: 401, count: 1, problem: { type: "credentials-invalid" } },
    {
      code: "rejected",
      count: 1,
      rejections: [expect.stringContaining("since: expected a day that exists")],
    },
  ]);
});

test("the example of a background job counts its people", async () => {
  const before = (await count("24h")) ?? 0;
  const env = { ...process.env, HEADCOUNT_ENDPOINT: service.url, HEADCOUNT_SECRET_KEY: service.keys.secret };
  const { stderr } = await run(process.execPath, ["examples/server/job.ts"], { cwd: rootDir, env });
  expect(stderr).toBe("");
  expect(await count("24h")).toBe(before + 2);
});
