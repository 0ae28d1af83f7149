import { execFile } from "node:child_process";
import { open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);
const mounted: string[] = [];

afterAll(async () => {
  for (const dir of mounted) await run("umount", ["-l", dir]).catch(() => {});
  await cleanUp();
});

/** A file system of a few megabytes, where this process may make one; else null. */
async function smallDisk(): Promise<string | null> {
  const dir = await makeDataDir();
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", dir]);
    mounted.push(dir);
    return dir;
  } catch {
    return null;
  }
}

async function beat(server: TestServer, user: string): Promise<{ status: number; detail: string }> {
  const response = await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key: server.keys.public, beats: [{ user }] }),
  });
  const { detail = "" } = (await response.json()) as { detail?: string };
  return { status: response.status, detail };
}

async function ask(server: TestServer): Promise<{ status: number; count: number | null; detail: string }> {
  const response = await fetch(`${server.url}/v1/active?window=24h&fresh=1`, {
    headers: { authorization: `Bearer ${server.keys.read}` },
  });
  const { windows, detail = "" } = (await response.json()) as {
    windows?: { count: number }[];
    detail?: string;
  };
  return { status: response.status, count: windows?.[0]?.count ?? null, detail };
}

test("a full disk refuses in words, and once there is room it goes on with all that was acknowledged", async ({
  skip,
}) => {
  const disk = await smallDisk();
  if (disk === null) return skip("nobody may mount a file system here");
  const server = await startServer({ dataDir: join(disk, "data") });
  const acknowledged = new Set<string>();
  for (const user of ["a", "b"]) {
    expect((await beat(server, user)).status).toBe(200);
    acknowledged.add(user);
  }
  const filler = join(disk, "filler");
  await writeFile(filler, new Uint8Array(8 << 20)).catch(() => {});
  let refused = 0;
  for (let person = 0; person < 30; person++) {
    const { status, detail } = await beat(server, `person-${person}`);
    expect([200, 503]).toContain(status);
    if (status === 200) acknowledged.add(`person-${person}`);
    else {
      refused++;
      expect(detail).toMatch(/stored data|can't be reached/);
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect(server.output()).toContain("object-call-failed");

  await rm(filler);
  await expect.poll(() => ask(server), { timeout: 30_000 }).toMatchObject({ status: 200 });
  const { count } = await ask(server);
  // One that was refused may have been written all the same: nobody was told so, and sending it again changes nothing.
  expect(count).toBeGreaterThanOrEqual(acknowledged.size);
  for (let person = 0; person < 30; person++)
    expect((await beat(server, `person-${person}`)).status).toBe(200);
  expect((await ask(server)).count).toBe(32);
  await server.stop();
});

/** Overwrites files of the roll-ups from their second page on; what SQLite needs in order to open them stays. */
async function damage(dataDir: string, isMeant: (name: string) => boolean): Promise<void> {
  const folder = join(dataDir, "objects", "headcount-rollup");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sqlite") && isMeant(name));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const path = join(folder, name);
    const { size } = await stat(path);
    const file = await open(path, "r+");
    await file.write(new Uint8Array(size - 4096).fill(0xa5), 0, undefined, 4096);
    await file.close();
  }
}

/** A server with 50 people that was stopped. */
async function stoppedServer(): Promise<string> {
  const server = await startServer();
  for (let person = 0; person < 50; person++) {
    expect((await beat(server, `person-${person}`)).status).toBe(200);
  }
  expect((await ask(server)).count).toBe(50);
  await server.stop();
  return server.dataDir;
}

test("a damaged file is told in words, and gives no figure that could be taken for one", async () => {
  const dataDir = await stoppedServer();
  await damage(dataDir, (name) => name !== "metadata.sqlite");
  const server = await startServer({ dataDir });
  const { status, count, detail } = await ask(server);
  expect([status, count]).toEqual([503, null]);
  expect(detail).toContain("storage");
  expect((await beat(server, "person-0")).status).toBe(503);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  // The engine keeps the reason from the Worker, and tells whoever runs it.
  expect(server.output()).toContain("SQLITE_CORRUPT");
  await server.stop();
});

test("what the engine itself can't read keeps it from starting, and it says why", async () => {
  const dataDir = await stoppedServer();
  await damage(dataDir, (name) => name === "metadata.sqlite");
  await expect(startServer({ dataDir })).rejects.toThrow(/SQLITE_CORRUPT[^]*the engine did not start/);
});
