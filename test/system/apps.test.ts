import { afterAll, expect, test } from "vitest";
import { keysOf, readSecret } from "../../scripts/data-folder.ts";
import { cleanUp, makeDataDir, npm, startServer } from "../support/server.ts";

afterAll(cleanUp);

const run = (...args: string[]) => npm(["run", "--silent", "apps", "--", ...args]);

test("npm run apps prints the apps that have activity, with their figures", async () => {
  const server = await startServer();
  const place = ["--url", server.url, "--data", server.dataDir];
  expect(await run(...place)).toEqual({ code: 0, stdout: "No app has activity yet.\n", stderr: "" });

  const { secret } = await readSecret(server.dataDir);
  for (const [app, count] of [
    ["shop", 2],
    ["school", 1200],
  ] as const) {
    const response = await fetch(`${server.url}/v1/activity`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${(await keysOf(secret, app)).secret}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        beats: Array.from({ length: count }, (_, person) => ({ user: `u-${person}` })),
      }),
    });
    expect(response.status).toBe(200);
  }
  // Their roll-ups recompute fifteen seconds after the first push.
  await expect
    .poll(async () => (await run(...place)).stdout.split("\n").length, { timeout: 60_000, interval: 1000 })
    .toBe(4);
  const { stdout, stderr, code } = await run(...place);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["app", "online", "DAU", "WAU", "MAU"],
    ["school", "1,200", "1,200", "1,200", "1,200"],
    ["shop", "2", "2", "2", "2"],
    [""],
  ]);
  const two = { count: 2, low: 2, high: 2 };
  const printed = JSON.parse((await run(...place, "--json")).stdout) as unknown[];
  expect(printed[1]).toEqual({ app: "shop", online: two, dau: two, wau: two, mau: two });

  // What can't be done is said in one sentence.
  const stranger = await makeDataDir();
  await readSecret(stranger);
  const refused = await run("--url", server.url, "--data", stranger);
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  expect(refused.stderr).toMatch(/^headcount: the service refused \(401\): .*HEADCOUNT_SECRET.*\n$/);
  await server.stop();
  const away = await run(...place);
  expect([away.code, away.stderr]).toEqual([
    1,
    expect.stringMatching(/^headcount: .* can't be reached: .*\n$/),
  ]);
  const empty = await run("--data", await makeDataDir());
  expect([empty.code, empty.stderr]).toEqual([
    1,
    expect.stringMatching(/^headcount: there is no secret in .*\n$/),
  ]);
});
