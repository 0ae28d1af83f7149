import { cleanUp, startServer, type TestServer } from "../test/support/server.ts";
import { randomEntries } from "../test/sketch/random.ts";
import { encodeBase64 } from "../worker/bytes.ts";
import { encode, HyperLogLog } from "../worker/sketch/index.ts";
import { encodeLine, type ExportRecord } from "../worker/transfer/export-line.ts";
import { existingSecret } from "../scripts/data-folder.ts";
import { fetchOk, loadNote, msOf } from "./ask.ts";
import { extremesBench } from "./extremes.ts";
import { get, load } from "./http-load.ts";
import { residentBytes } from "./memory.ts";

const dayMs = 86_400_000;
const people = 1_000_000;
const series = 20;
const dayCounts = [50, 100, 200, 400];
const dashboards = 200;
const repeats = 5000;
const connections = 8;
const dearWindows = Array.from({ length: 20 }, (_, n) => `${n + 11}d`).join();

interface Point {
  days: number;
  firstMs: number;
  share: number;
  dashboardsMs: number;
  dearMs: number;
  waitMs: number;
  memoryMb: number;
}

/** How a roll-up's first answer, its answers and its memory grow with the days that it keeps, and what the most takes, as sections of Markdown. */
export async function curvesBench(): Promise<string[]> {
  let server = await startServer();
  try {
    const sketches = await prepare(server);
    const points: Point[] = [];
    let from = 0;
    for (const days of dayCounts) {
      await importDays(server, sketches, from, days);
      from = days;
      await server.stop();
      server = await startServer({ dataDir: server.dataDir });
      points.push(await measure(server, days));
    }
    await server.stop();
    const { dataDir } = server;
    const kept = `${from} days of ${series} series, a million people a day each`;
    const secret = await existingSecret(dataDir);
    return [report(points), await extremesBench({ kept, dataDir, secret, dimension: "tenant" })];
  } finally {
    await server.stop();
    await cleanUp();
  }
}

/** Declares the dimension, and makes a sketch of a million people for everyone and each of its values. */
async function prepare({ url, keys }: TestServer): Promise<Map<string, string>> {
  const headers = { authorization: `Bearer ${keys.secret}`, "content-type": "application/json" };
  await fetchOk(`${url}/v1/settings`, {
    method: "PUT",
    headers,
    body: JSON.stringify({ dimensions: ["tenant"] }),
  });
  const [head = ""] = (await fetchOk(`${url}/v1/export`, { headers })).split("\n", 1);
  const { keyId } = (JSON.parse(head) as { part: { head: { keyId: number } } }).part.head;
  const names = ["", ...Array.from({ length: series - 1 }, (_, n) => `tenant=t${n}`)];
  return new Map(
    names.map((name, seed) => {
      const sketch = new HyperLogLog(keyId);
      for (const entry of randomEntries(people, seed)) sketch.add(entry);
      return [name, encodeBase64(encode(sketch))];
    }),
  );
}

async function importDays(
  { url, keys }: TestServer,
  sketches: Map<string, string>,
  from: number,
  to: number,
): Promise<void> {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const headers = { authorization: `Bearer ${keys.secret}` };
  const [head = ""] = (await fetchOk(`${url}/v1/export`, { headers })).split("\n", 1);
  function* lines(): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    yield encoder.encode(`${head}\n`);
    for (let day = from; day < to; day++) {
      const start = today - day * dayMs;
      for (const [name, bytes] of sketches) {
        const sketch = { kind: "day", series: name, start, end: start + dayMs, bytes } as const;
        yield encoder.encode(encodeLine({ sketch } satisfies ExportRecord, ""));
      }
    }
    yield encoder.encode(encodeLine({ end: true }, ""));
  }
  const rest = lines();
  await fetchOk(`${url}/v1/import`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-ndjson" },
    body: new ReadableStream<Uint8Array>({
      pull(controller) {
        const { value, done } = rest.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
    }),
    duplex: "half",
  });
}

async function measure(server: TestServer, days: number): Promise<Point> {
  const headers = { authorization: `Bearer ${server.keys.read}` };
  const port = Number(new URL(server.url).port);
  const pid = await server.enginePid();
  const ask = (path: string) => fetchOk(server.url + path, { headers });
  const firstMs = await msOf(() => ask("/v1/active?window=24h,7d,30d"));
  const repeated = await load(port, pid, connections, repeats, () =>
    get("/v1/active?window=24h,7d,30d", headers),
  );
  const empty = await load(port, pid, connections, repeats, () => get("/healthz", headers));
  const dashboardsMs = await msOf(() =>
    Promise.all(
      Array.from({ length: dashboards }, async () => {
        await ask("/v1/active?window=24h,7d,30d");
        await ask("/v1/engagement");
      }),
    ),
  );
  let waitMs = 0;
  const dearIsDone = new AbortController();
  const dearMs = await msOf(async () => {
    const dear = ask(`/v1/active?window=${dearWindows}&by=tenant`).finally(() => dearIsDone.abort());
    // A window that nobody has asked for yet: it is answered by the roll-up, between the turns of the dear question.
    for (let minutes = 1; !dearIsDone.signal.aborted; minutes++) {
      waitMs = Math.max(waitMs, await msOf(() => ask(`/v1/active?window=${minutes}m`)));
    }
    await dear;
  });
  const memoryMb = (await residentBytes(pid)) / 2 ** 20;
  return {
    days,
    firstMs,
    share: repeated.perCpuSecond / empty.perCpuSecond,
    dashboardsMs,
    dearMs,
    waitMs,
    memoryMb,
  };
}

function report(points: readonly Point[]): string {
  const rows = points.map((point) => {
    const { days, firstMs, share, dashboardsMs, dearMs, waitMs, memoryMb } = point;
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    const cells = [days, ms(firstMs), share.toFixed(2), ms(dashboardsMs), ms(dearMs), ms(waitMs)];
    return `| ${cells.join(" | ")} | ${memoryMb.toFixed(0)} MB |`;
  });
  return `## A roll-up as it grows

Written by \`npm run bench -- --curves\`. One app of ${series} series with a million people a day each, restarted at each point. First answer:
\`/v1/active\` over 24 h, 7 d and 30 d, over HTTP, of a roll-up that has just been started. Again: requests a second of processor time, as a share of
\`/healthz\`. ${dashboards} dashboards: each asks for \`/v1/active\` and \`/v1/engagement\`, all at the same time. A dear question: 20 windows
by ${series - 1} values; meanwhile short windows are asked for, one after the other, of which the slowest counts. Memory is the whole engine's.
${loadNote()}

| days kept | first answer | again | ${dashboards} dashboards | a dear question | slowest other | resident memory |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join("\n")}
`;
}
