import { randomBytes } from "node:crypto";
import { keysOf } from "../scripts/data-folder.ts";
import { makeDataDir } from "../test/support/server.ts";
import { fetchOk, loadNote, msOf } from "./ask.ts";
import { type InspectedEngine, startInspected } from "./inspected-engine.ts";
import { streamLines } from "./stream-lines.ts";

const dayMs = 86_400_000;
const dimensions = Array.from({ length: 8 }, (_, n) => `d${n}`);
const values = 1000;
const days = 30;
const apps = 1000;
const usual = "/v1/active?window=24h,7d,30d";
const manyWindows = Array.from({ length: 20 }, (_, n) => `${n + 11}d`).join();

/** One line of the table. */
interface Row {
  kept: string;
  asked: string;
  ms: number;
  mostBytes: number;
  liveBytes: number;
}

/** Data that were stored before, of the app `demo`. */
export interface Stored {
  kept: string;
  dataDir: string;
  secret: string;
  dimension: string;
}

/** What the most that an app may hold costs, and many apps: time and memory, as Markdown. */
export async function extremesBench(large: Stored): Promise<string> {
  const rows = [...(await askLarge(large)), ...(await askManyValues()), ...(await askManyApps())];
  const cells = rows.map(({ kept, asked, ms, mostBytes, liveBytes }) => {
    const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
    return `| ${kept} | ${asked} | ${ms.toFixed(0)} ms | ${mb(liveBytes)} | ${mb(mostBytes)} |`;
  });
  return `## The most that is kept and asked

Written by \`npm run bench -- --curves\`. The engine is started anew for each kind of data, so that nothing is in memory yet. Its heap is that
of one isolate, in which the Worker and all objects are: what an object takes is no more. "In use" is after the garbage is collected, once
the answer is there. "Most meanwhile" includes garbage, and is looked at every 20 ms.
${loadNote()}

| kept | asked, one after the other | answered in | in use | most meanwhile |
| --- | --- | ---: | ---: | ---: |
${cells.join("\n")}
`;
}

async function measure(
  engine: InspectedEngine,
  kept: string,
  asked: string,
  work: () => Promise<unknown>,
): Promise<Row> {
  let ms = 0;
  const mostBytes = await engine.mostBytes(async () => (ms = await msOf(work)));
  return { kept, asked, ms, mostBytes, liveBytes: await engine.liveBytes() };
}

async function askLarge({ kept, dataDir, secret, dimension }: Stored): Promise<Row[]> {
  return askApp(await startInspected(dataDir, secret), secret, kept, dimension);
}

async function askManyValues(): Promise<Row[]> {
  const [dataDir, secret] = [await makeDataDir(), randomBytes(32).toString("base64url")];
  const kept = `${dimensions.length} dimensions of ${values} values over ${days} days`;
  const { secret: key } = await keysOf(secret, "demo");
  let engine = await startInspected(dataDir, secret);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  await fetchOk(`${engine.url}/v1/settings`, {
    method: "PUT",
    headers,
    body: JSON.stringify({ dimensions }),
  });
  const now = Date.now();
  const stored = await measure(engine, kept, "to be counted, a person a value and day", async () => {
    await streamLines(engine.url, key, values * days, (n) => {
      const [value, day] = [n % values, Math.floor(n / values)];
      const tags = Object.fromEntries(dimensions.map((name) => [name, `v${value}`]));
      return `${JSON.stringify({ user: `u${value}-${day % 7}`, at: now - day * dayMs, dimensions: tags })}\n`;
    });
    await fetchOk(`${engine.url}${usual}&fresh=1`, { headers: { authorization: `Bearer ${key}` } });
  });
  await engine.stop();
  engine = await startInspected(dataDir, secret);
  return [stored, ...(await askApp(engine, secret, kept, "d0"))];
}

/** The first question, and dear ones, of the app `demo` of an engine that has just been started. */
async function askApp(
  engine: InspectedEngine,
  secret: string,
  kept: string,
  dimension: string,
): Promise<Row[]> {
  const { secret: key } = await keysOf(secret, "demo");
  const headers = { authorization: `Bearer ${key}` };
  const rows: Row[] = [];
  for (const [asked, path] of [
    ["24 h, 7 d and 30 d, the first answer", usual],
    ["the same by one dimension", `${usual}&by=${dimension}`],
    ["20 windows by it", `/v1/active?window=${manyWindows}&by=${dimension}`],
    ["engagement by it", `/v1/engagement?by=${dimension}`],
    ["growth of 14 days", "/v1/growth"],
  ] as const) {
    rows.push(await measure(engine, kept, asked, () => fetchOk(engine.url + path, { headers })));
  }
  await engine.stop();
  return rows;
}

async function askManyApps(): Promise<Row[]> {
  const [dataDir, secret] = [await makeDataDir(), randomBytes(32).toString("base64url")];
  const kept = `${apps.toLocaleString("en")} apps of three people`;
  const keys = await Promise.all(Array.from({ length: apps }, (_, n) => keysOf(secret, `app-${n}`)));
  const beats = ["a", "b", "c"].map((user) => ({ user }));
  const ask = (url: string, key: string, query: string) =>
    fetchOk(`${url}${usual}${query}`, { headers: { authorization: `Bearer ${key}` } });
  let engine = await startInspected(dataDir, secret);
  const stored = await measure(engine, kept, "to be counted, 20 apps at a time", () =>
    atOnce(20, keys, async ({ secret: key }) => {
      const body = JSON.stringify({ key, beats });
      await fetchOk(`${engine.url}/v1/heartbeat`, { method: "POST", body });
      await ask(engine.url, key, "&fresh=1");
    }),
  );
  await engine.stop();
  engine = await startInspected(dataDir, secret);
  const times: number[] = [];
  const all = await measure(engine, kept, "24 h, 7 d and 30 d of each, one after the other", async () => {
    for (const { read } of keys) times.push(await msOf(() => ask(engine.url, read, "")));
  });
  await engine.stop();
  const [first = 0, ...others] = times;
  const sorted = others.toSorted((a, b) => a - b);
  const one = (asked: string, ms: number) => ({ ...all, asked, ms });
  return [
    stored,
    one("of the first of them, the first answer", first),
    one("of another, the median", sorted[sorted.length >> 1] ?? 0),
    one("of another, the 99th percentile", sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    all,
  ];
}

async function atOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
