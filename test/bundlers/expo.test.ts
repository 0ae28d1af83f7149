import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** The packages of Expo are taken as they were on this day: what they ask of each other then was there. */
const installedAsOf = "2026-08-25";

/** What is written into the bundle in place of the names of `.env`. */
const env = {
  ...process.env,
  NODE_ENV: "production",
  CI: "1",
  EXPO_NO_TELEMETRY: "1",
  EXPO_PUBLIC_HEADCOUNT: "https://hc.test",
  EXPO_PUBLIC_HEADCOUNT_KEY: "hc_pub_expo_mac",
  EXPO_PUBLIC_BACKEND: "https://app.test",
};

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "headcount-expo-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", dir], { cwd: rootDir });
  const tarball = join(dir, stdout.trim().split("\n").at(-1) as string);
  await cp(join(rootDir, "examples/expo"), dir, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  const quietly = ["--silent", "--no-audit", "--no-fund", `--before=${installedAsOf}`];
  await run("npm", ["install", ...quietly, tarball], { cwd: dir });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test("the Expo example is right by the types of Expo and React Native", async () => {
  const errors = await run("npx", ["tsc"], { cwd: dir }).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  expect(errors).toBe("");
});

test.each(["android", "ios"])("the Expo example is bundled and compiled for %s", async (platform) => {
  const out = join(dir, "out", platform);
  await run("npx", ["expo", "export", "--clear", "--platform", platform, "--output-dir", out], {
    cwd: dir,
    env,
  });
  const bundles = join(out, "_expo/static/js", platform);
  const file = (await readdir(bundles)).find((name) => name.endsWith(".hbc"));
  const bytecode = await readFile(join(bundles, file as string), "latin1");
  const has = (text: string) => bytecode.includes(text);
  // Sockets, tokens and where to; and nothing of the development build.
  const expected = ["headcount.v1", "/v1/token", "https://hc.test", "hc_pub_expo_mac"];
  expect(expected.filter((text) => !has(text))).toEqual([]);
  expect(has("nothing is sent")).toBe(false);
});
