import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isAlive } from "../../scripts/holder.ts";
import { makeDataDir, npm, cleanUp, startServer } from "../support/server.ts";

afterAll(cleanUp);

const start = (...args: string[]) => npm(["start", "--silent", "--", ...args]);

test("the first start makes a secret, prints the address, three keys and a snippet, and stops on SIGTERM", async () => {
  const server = await startServer();
  const { keys, url } = server;
  expect(server.output()).toContain("A secret was made");
  for (const key of [keys.public, keys.read, keys.secret]) expect(server.output()).toContain(key);
  expect(server.output()).toContain(`<script defer src="${url}/sdk.js" data-key="${keys.public}"></script>`);
  expect((await stat(join(server.dataDir, "secret"))).mode & 0o777).toBe(0o600);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const engine = await server.enginePid();
  expect(await server.stop()).toBe(0);
  expect(() => process.kill(engine, 0)).toThrow("ESRCH");
});

test("a second start keeps the secret and its keys", async () => {
  const first = await startServer();
  await first.stop();
  const second = await startServer({ dataDir: first.dataDir });
  expect(second.keys).toEqual(first.keys);
  expect(second.output()).not.toContain("A secret was made");
  // Nobody is there to see them: what is printed now is kept in some log.
  expect(second.output()).not.toMatch(/hc_(?!pub)/);
  expect(second.output()).toContain(`npm run keys -- demo --data ${first.dataDir}`);
  await second.stop();
});

test("no key but the public one gets into a journal, by the first start neither", async () => {
  const dataDir = await makeDataDir();
  const path = join(await makeDataDir(), "journal");
  const journal = await open(path, "w");
  const { dev, ino } = await journal.stat();
  const child = spawn("npm", ["start", "--", "--port", "0", "--data", dataDir], {
    stdio: ["ignore", journal.fd, journal.fd],
    env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` },
  });
  const ended = once(child, "exit");
  await expect.poll(() => readFile(path, "utf8"), { timeout: 20_000 }).toMatch(/^ready$/m);
  child.kill("SIGTERM");
  await ended;
  await journal.close();
  const printed = await readFile(path, "utf8");
  expect(printed).toContain("A secret was made");
  expect(printed).not.toMatch(/hc_(?!pub)/);
  expect(printed).not.toContain((await readFile(join(dataDir, "secret"), "utf8")).trim());
});

test("a server that anybody could reach without limits says so, and prints an address that opens", async () => {
  const warning = "No rate limit by IP address";
  const reachable = await startServer({ args: ["--host", "0.0.0.0"] });
  expect(reachable.output()).toContain(warning);
  expect((await fetch(`${reachable.url}/healthz`)).status).toBe(200);
  await reachable.stop();
  const limited = await startServer({ env: { HEADCOUNT_ADDRESS_HEADER: "x-real-ip" } });
  expect(limited.output()).not.toContain(warning);
  await limited.stop();
});

test("a busy port is one clear line and exit code 1", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const { code, stderr } = await start("--port", String(port), "--data", await makeDataDir());
  other.close();
  expect(code).toBe(1);
  expect(stderr.trim()).toBe(
    `headcount: can't listen on 127.0.0.1:${port} (EADDRINUSE): choose another with --port or --host`,
  );
});

test("a folder that is in use is one clear line and exit code 1", async () => {
  const server = await startServer();
  const { code, stderr } = await start("--port", "0", "--data", server.dataDir);
  await server.stop();
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("is in use by another start");
});

test("a folder that can't be written is one clear line and exit code 1", async () => {
  const dir = await makeDataDir();
  const file = join(dir, "file");
  await writeFile(file, "");
  const { code, stderr } = await start("--port", "0", "--data", join(file, "data"));
  expect(code).toBe(1);
  expect(stderr.trim()).toMatch(
    /^headcount: the data folder .+ can't be written \(ENOTDIR\): choose another with --data$/,
  );
});

test.skipIf(process.getuid?.() === 0)(
  "a folder without permission is one clear line and exit code 1",
  async () => {
    const dir = join(await makeDataDir(), "closed");
    await mkdir(dir);
    await chmod(dir, 0o500);
    const { code, stderr } = await start("--port", "0", "--data", dir);
    expect(code).toBe(1);
    expect(stderr).toContain("can't be written (EACCES)");
  },
);

test("wrong flags and values are one clear line and exit code 1", async () => {
  for (const args of [["--prot", "1"], ["--port", "ninety"], ["--port", "70000"], ["extra"]]) {
    const { code, stderr } = await start(...args);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("Usage: npm start");
  }
});

test("a secret that is too short is refused before anything starts", async () => {
  const { code, stderr } = await npm(
    ["start", "--silent", "--", "--port", "0", "--data", await makeDataDir()],
    { HEADCOUNT_SECRET: "short" },
  );
  expect(code).toBe(1);
  expect(stderr.trim()).toBe("headcount: HEADCOUNT_SECRET: expected at least 32 random bytes in base64url");
});

test("keys are the same from the file and from the environment, and differ by app and role", async () => {
  const data = await makeDataDir();
  const keys = async (app: string, env = {}) => {
    const { stdout } = await npm(["run", "--silent", "keys", "--", app, "--json", "--data", data], env);
    return JSON.parse(stdout) as Record<string, string>;
  };
  const acme = await keys("acme");
  expect(Object.keys(acme)).toEqual(["app", "public", "read", "secret", "share"]);
  expect(acme["public"]).toMatch(/^hc_pub_acme_[\w-]{22}$/);
  expect(acme["read"]).toMatch(/^hc_read_acme_[\w-]{22}$/);
  expect(acme["secret"]).toMatch(/^hc_secret_acme_[\w-]{22}$/);
  expect(await keys("acme")).toEqual(acme);
  const other = { HEADCOUNT_SECRET: Buffer.alloc(32, 7).toString("base64url") };
  expect(await keys("acme", other)).not.toEqual(acme);
  expect((await keys("other"))["public"]?.slice(-22)).not.toBe(acme["public"]?.slice(-22));
});

test("a name that is no app's is refused", async () => {
  const { code, stderr } = await npm([
    "run",
    "--silent",
    "keys",
    "--",
    "Not An App",
    "--data",
    await makeDataDir(),
  ]);
  expect(code).toBe(1);
  expect(stderr.trim()).toBe("headcount: APP: expected 1 to 40 lower-case letters, digits and hyphens");
});

test("all of it ends when npm, the script or the engine is killed outright", async () => {
  for (const victim of ["npm", "script", "engine"] as const) {
    const server = await startServer();
    const engine = await server.enginePid();
    await server.killOnly(victim);
    await expect.poll(() => isAlive(engine), { timeout: 20_000 }).toBe(false);
    // The port and the folder are free again.
    const again = await startServer({ dataDir: server.dataDir, port: Number(new URL(server.url).port) });
    await again.stop();
  }
});
