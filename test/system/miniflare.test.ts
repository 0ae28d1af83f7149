import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keysOf } from "../../scripts/data-folder.ts";
import { stayWithinSlot } from "../support/slot.ts";

/** The built Worker in Miniflare, spoken to over HTTP as an outside client does. */
let miniflare: Miniflare;
let url: URL;
const distDir = fileURLToPath(new URL("../../dist/", import.meta.url));
const secret = Buffer.alloc(32, 3).toString("base64url");

beforeAll(async () => {
  miniflare = await startMiniflare({ HEADCOUNT_SECRET: secret, COMMIT_WINDOW_MS: "2" });
  url = await miniflare.ready;
});

async function startMiniflare(bindings: Record<string, string>): Promise<Miniflare> {
  const options = convertV4MiniflareOptions({
    name: "headcount",
    modules: [
      { type: "ESModule", path: "worker.js", contents: await readFile(`${distDir}worker.js`, "utf8") },
      { type: "Data", path: "headcount.tgz.bin", contents: await readFile(`${distDir}headcount.tgz.bin`) },
    ],
    compatibilityDate: "2026-10-01",
    durableObjects: {
      SHARDS: { className: "Shard", useSQLite: true },
      GATES: { className: "Gate", useSQLite: true },
      DIRECTORY: { className: "Directory", useSQLite: true },
      ROLLUPS: { className: "Rollup", useSQLite: true },
    },
    bindings,
  });
  return new Miniflare(options);
}

afterAll(() => miniflare.dispose());
beforeEach(stayWithinSlot);

async function active(read: string, query: string) {
  const response = await fetch(new URL(`/v1/active?${query}`, url), {
    headers: { authorization: `Bearer ${read}` },
  });
  return (await response.json()) as { app: string; windows: { window: string; count: number | null }[] };
}

test("what a client reports over HTTP is what a reader reads", async () => {
  const keys = await keysOf(secret, "outside");
  const beats = [{ user: "u-1" }, { anonymous: "i-1" }, { user: "u-1", via: "manual" }];
  const response = await fetch(new URL("/v1/heartbeat", url), {
    method: "POST",
    body: JSON.stringify({ key: keys.public, beats }),
  });
  expect(await response.json()).toEqual({ accepted: 3, rejected: [], interval: 300 });
  const answer = await active(keys.read, "fresh=1");
  expect(answer.app).toBe("outside");
  expect(answer.windows.map(({ window, count }) => [window, count])).toEqual([
    ["24h", 2],
    ["7d", 2],
    ["30d", 2],
  ]);
});

test("a stream of NDJSON over a year is counted by month and in all", async () => {
  const keys = await keysOf(secret, "streamed");
  const now = Date.now();
  const dayMs = 86_400_000;
  // Person n was active on the days n and n + 1 before today, exactly 300 people.
  const lines = Array.from({ length: 300 }, (_, n) => [n, n + 1])
    .flatMap(([n, later]) => [
      { user: `p-${n}`, at: now - (n as number) * dayMs },
      { user: `p-${n}`, at: now - (later as number) * dayMs },
    ])
    .map((beat) => `${JSON.stringify(beat)}\n`);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const line = lines.shift();
      if (line === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(line));
    },
  });
  const init = {
    method: "POST",
    body,
    duplex: "half",
    headers: { authorization: `Bearer ${keys.secret}`, "content-type": "application/x-ndjson" },
  };
  const response = await fetch(new URL("/v1/activity", url), init);
  expect(await response.json()).toEqual({ accepted: 600, rejected: 0, errors: [] });
  const day = (ago: number) => new Date(now - ago * dayMs).toISOString().slice(0, 10);
  const counts = async (query: string) =>
    (await active(keys.read, `fresh=1&${query}`)).windows.map((row) => row.count);
  expect(await counts("window=365d")).toEqual([300]);
  // Days 199 to 100 ago saw the people 98 + 1 to 199, and person 99 on its second day.
  expect(await counts(`from=${day(199)}&to=${day(99)}`)).toEqual([101]);
});

test("a service without a secret says so and counts nothing", async () => {
  const bare = await startMiniflare({});
  const { read } = await keysOf(secret, "outside");
  const response = await fetch(new URL("/v1/active", await bare.ready), {
    headers: { authorization: `Bearer ${read}` },
  });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ type: "not-configured" });
  await bare.dispose();
});
