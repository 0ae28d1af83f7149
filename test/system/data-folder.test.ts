import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { cleanUp, makeDataDir, npm, startServer } from "../support/server.ts";

const run = promisify(execFile);
const mounted: string[] = [];

afterAll(async () => {
  for (const dir of mounted) await run("umount", ["-l", dir]).catch(() => {});
  await cleanUp();
});

const start = (dataDir: string) => npm(["start", "--silent", "--", "--port", "0", "--data", dataDir]);

test("a first start on a full disk says so, leaves no secret, and the next one with room makes it", async ({
  skip,
}) => {
  const disk = await makeDataDir();
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
    mounted.push(disk);
  } catch {
    return skip("nobody may mount a file system here");
  }
  const dataDir = join(disk, "data");
  await mkdir(join(dataDir, "objects"), { recursive: true });
  await writeFile(join(dataDir, "lock"), "");
  await writeFile(join(disk, "filler"), new Uint8Array(1 << 20)).catch(() => {});
  const { code, stderr } = await start(dataDir);
  expect(code).toBe(1);
  expect(stderr.trim()).toMatch(
    /^headcount: the secret .+ can't be written, because the disk is full: make room/,
  );
  expect(await readdir(dataDir)).not.toContain("secret");

  await run("mount", ["-o", "remount,size=64m", disk]);
  await rm(join(disk, "filler"));
  const server = await startServer({ dataDir });
  expect(server.output()).toContain("A secret was made");
  await server.stop();
});

test("an empty secret is made anew where nothing was counted, and is not replaced where something was", async () => {
  const dataDir = await makeDataDir();
  await writeFile(join(dataDir, "secret"), "");
  const server = await startServer({ dataDir });
  expect(server.output()).toContain("A secret was made");
  await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key: server.keys.public, beats: [{ user: "a" }] }),
  });
  await server.stop();

  await writeFile(join(dataDir, "secret"), "\n");
  const { code, stderr } = await start(dataDir);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^headcount: the secret .+ is empty, .+ restore it from a backup$/m);
});

test("a secret that others could read is made private, with a word", async () => {
  const first = await startServer();
  await first.stop();
  const path = join(first.dataDir, "secret");
  await chmod(path, 0o644);
  const second = await startServer({ dataDir: first.dataDir });
  expect(second.output()).toContain("could be read by others (mode 644)");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await second.stop();
  const third = await startServer({ dataDir: first.dataDir });
  expect(third.output()).not.toContain("could be read by others");
  await third.stop();
});

test("a deleted lock lets no second engine onto the folder", async () => {
  const server = await startServer();
  await rm(join(server.dataDir, "lock"));
  const { code, stderr } = await start(server.dataDir);
  expect(code).toBe(1);
  expect(stderr).toContain("is in use by another start");
  expect(await server.stop()).toBe(0);
});

test("whose folder was taken by another start ends in words, and the other one goes on", async () => {
  const first = await startServer();
  const engine = await first.enginePid();
  // As on a file system of the network, where neither locks nor sockets tell of the other machine.
  await Promise.all(["lock", "control"].map((name) => rm(join(first.dataDir, name))));
  const second = await startServer({ dataDir: first.dataDir });
  await expect
    .poll(() => first.output(), { timeout: 20_000 })
    .toContain("another start has taken the data folder");
  expect(() => process.kill(engine, 0)).toThrow("ESRCH");
  expect((await fetch(`${second.url}/healthz`)).status).toBe(200);
  expect(await second.stop()).toBe(0);
  expect(await readdir(first.dataDir)).not.toContain("holder");
});

test("commands that use a secret make none where nobody has served from", async () => {
  const parent = await makeDataDir();
  const typo = join(parent, "typo");
  for (const command of [
    ["keys", "--", "demo"],
    ["export", "--", "demo"],
  ]) {
    const { code, stderr } = await npm(["run", "--silent", ...command, "--data", typo]);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^headcount: there is no secret in .+typo: name the folder/);
  }
  await writeFile(join(parent, "notes.txt"), "");
  expect((await npm(["run", "--silent", "keys", "--", "demo", "--data", parent])).code).toBe(1);
  expect(await readdir(parent)).toEqual(["notes.txt"]);
});

test("what is bundled is named beside it, each with its licence", async () => {
  const server = await startServer();
  await server.stop();
  const notices = await readFile(new URL("../../dist/third-party-licenses.txt", import.meta.url), "utf8");
  for (const name of ["zod", "jose", "itty-router", "preact", "uplot", "temporal-polyfill"]) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+`, "m"));
  }
  expect(notices).not.toContain("no licence file");
});
