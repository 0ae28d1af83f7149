import { afterAll, expect, test } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

const senders = 16;
const rounds = 20;

/** Under this secret no two of the first 400 people of each round share an entry, so that counts are exact. */
const secret = "bm8tdHdvLW9mLXRoZXNlLXNoYXJlLWFuLWVudHJ5ISE";

/** A seeded generator (Lehmer), so that each run kills at the same places of its plan. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

async function beat(server: TestServer, user: string): Promise<boolean> {
  try {
    const response = await fetch(`${server.url}/v1/heartbeat`, {
      method: "POST",
      body: JSON.stringify({ key: server.keys.public, beats: [{ user }] }),
    });
    return response.ok && ((await response.json()) as { accepted: number }).accepted === 1;
  } catch {
    return false;
  }
}

async function counts(server: TestServer, query: string): Promise<(number | null)[]> {
  const response = await fetch(`${server.url}/v1/active?${query}`, {
    headers: { authorization: `Bearer ${server.keys.read}` },
  });
  const { windows } = (await response.json()) as { windows: { count: number | null }[] };
  return windows.map(({ count }) => count);
}

test("20 rounds of kill -9 under load lose nothing that was acknowledged", async () => {
  const random = seeded(20_261_120);
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  const dataDir = await makeDataDir();
  await writeFile(join(dataDir, "secret"), secret, { mode: 0o600 });
  let server = await startServer({ dataDir });
  for (let round = 0; round < rounds; round++) {
    const target = server;
    const killAfter = acknowledged.size + 10 + Math.floor(random() * 100);
    let next = 0;
    let isKilled = false;
    const send = async () => {
      while (!isKilled) {
        const user = `round-${round}-${next++}`;
        sent.add(user);
        if (await beat(target, user)) acknowledged.add(user);
        if (acknowledged.size >= killAfter && !isKilled) {
          isKilled = true;
          await target.kill();
        }
      }
    };
    await Promise.all(Array.from({ length: senders }, send));
    server = await startServer({ dataDir });

    // Fewer than 3,000 people are counted exactly, whatever the hour is.
    const [count] = await counts(server, "window=24h&fresh=1");
    expect(count).toBeGreaterThanOrEqual(acknowledged.size);
    expect(count).toBeLessThanOrEqual(sent.size);
  }
  const before = await counts(server, "fresh=1");
  for (const user of acknowledged) expect(await beat(server, user)).toBe(true);
  expect(await counts(server, "fresh=1")).toEqual(before);
  await server.stop();
});

test("after kill -9 the figures come back without anybody asking the shards", async () => {
  const first = await startServer();
  for (let person = 0; person < 50; person++) expect(await beat(first, `person-${person}`)).toBe(true);
  await first.kill();
  const second = await startServer({ dataDir: first.dataDir });
  await expect.poll(() => counts(second, "window=24h,7d,30d"), { timeout: 30_000 }).toEqual([50, 50, 50]);
  await second.stop();
});
