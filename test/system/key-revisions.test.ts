import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cleanUp, makeDataDir, npm, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

const run = (...args: string[]) => npm(["run", "--silent", ...args]);

async function keysAt({ url, dataDir }: TestServer): Promise<Record<string, string>> {
  const { stdout, stderr } = await run("keys", "--", "demo", "--json", "--url", url, "--data", dataDir);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Record<string, string>;
}

async function set(server: TestServer, key: string, settings: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const init = { method: "PUT", headers, body: JSON.stringify(settings) };
  expect((await fetch(`${server.url}/v1/settings`, init)).status).toBe(200);
}

test("start, keys, export and import use keys that are good, whatever was retired", async () => {
  const first = await startServer();
  const old = await keysAt(first);
  await set(first, old["secret"] ?? "", { keyRevisions: { secret: 1, read: 1 } });
  const keys = await keysAt(first);
  expect([keys["public"], /_r1_/.test(keys["read"] ?? "")]).toEqual([old["public"], true]);
  await set(first, keys["secret"] ?? "", { keyRevisions: { secret: 2 } });
  const { secret, read } = await keysAt(first);
  const file = join(await makeDataDir(), "demo.ndjson");
  const place = (server: TestServer) => ["--url", server.url, "--file", file, "--data", server.dataDir];
  expect((await run("export", "--", "demo", ...place(first))).code).toBe(0);
  await first.stop();

  const again = await startServer({ dataDir: first.dataDir });
  expect(await keysAt(again)).toMatchObject({ secret, read, public: old["public"] });
  await again.stop();

  // The settings in the file retire the keys that a new place begins with.
  const { dataDir } = first;
  const other = await startServer({ dataDir: await copyOfSecret(dataDir) });
  const imported = await run("import", "--", "demo", ...place(other));
  expect([imported.code, imported.stderr]).toEqual([0, expect.stringContaining("parts")]);
  expect((await keysAt(other))["secret"]).toBe(secret);
  expect((await run("import", "--", "demo", ...place(other))).code).toBe(0);
  await other.stop();
  // Nobody can be asked: the keys are as they are made, and whoever reads them is told.
  const { stdout, stderr } = await run("keys", "--", "demo", "--url", other.url, "--data", dataDir);
  expect(stdout).toContain(old["secret"]);
  expect(stderr).toContain("may be retired");
});

/** A folder of data that has the secret of another and nothing else. */
async function copyOfSecret(dataDir: string): Promise<string> {
  const own = await makeDataDir();
  await copyFile(join(dataDir, "secret"), join(own, "secret"));
  return own;
}
