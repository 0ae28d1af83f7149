import { runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { fromDataSketches } from "../sketch/formats/from-datasketches.ts";
import { fromPostgres } from "../sketch/formats/from-postgres.ts";
import { fromRedis } from "../sketch/formats/from-redis.ts";
import { AppClient, people } from "./client.ts";

const today = () => new Date().toISOString().slice(0, 10);

/** The samples of an OpenMetrics text, by name and labels. Throws on a line that the grammar doesn't know. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const lines = text.split("\n");
  expect(lines.splice(-2)).toEqual(["# EOF", ""]);
  const families = new Map<string, string>();
  for (const line of lines) {
    const meta = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (meta) {
      if (meta[1] === "TYPE") families.set(meta[2] ?? "", meta[3] ?? "");
      continue;
    }
    const sample = /^([a-z_]+)\{([a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*)\} (-?\d+(?:\.\d+)?)$/.exec(line);
    if (sample === null) throw new Error(`not OpenMetrics: ${line}`);
    const [, name = "", labels, value] = sample;
    const family = name.replace(/_total$/, "");
    expect([line, families.get(family)]).toEqual([line, name.endsWith("_total") ? "counter" : "gauge"]);
    samples.set(`${name}{${labels}}`, Number(value));
  }
  return samples;
}

test("metrics are OpenMetrics, with the gauges and the service's own counters", async () => {
  const app = new AppClient("metrics");
  const now = Date.now();
  await app.beat({ user: "a" }, { user: "b", at: now - 2 * 86_400_000 }, { user: "" }, { user: "c", at: 5 });
  await app.beat({ user: "a" });
  await app.beat({ user: "d" });
  const response = await app.fetch("/metrics?fresh=1", {}, "read");
  expect(response.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const samples = samplesOf(await response.text());
  const sample = (name: string, labels = "") => samples.get(`headcount_${name}{app="metrics"${labels}}`);
  expect(sample("active_users", ',window="1d"')).toBe(2);
  expect(sample("active_users", ',window="7d"')).toBe(3);
  expect(sample("active_users", ',window="30d"')).toBe(3);
  expect(sample("stickiness_percent")).toBe(66.67);
  expect(sample("online_users")).toBe(2);
  expect(sample("beats_total", ',outcome="accepted"')).toBe(4);
  expect(sample("beats_total", ',outcome="late"')).toBe(1);
  expect(sample("beats_total", ',outcome="rejected_malformed"')).toBe(1);
  expect(sample("beats_total", ',outcome="rejected_too_old"')).toBe(1);
  expect(sample("commits_total")).toBe(2);
  expect(sample("pushes_total")).toBe(1);
});

test("a gauge that can't be known is left out", async () => {
  const text = await (await new AppClient("no-metrics").fetch("/metrics", {}, "read")).text();
  expect([...samplesOf(text).keys()].filter((name) => name.includes("active_users"))).toEqual([]);
});

test("a question asked again costs no union", async () => {
  const app = new AppClient("ready");
  await app.beat(...people(20).map((user) => ({ user })));
  const united = async () => {
    const text = await (await app.fetch("/metrics?fresh=1", {}, "read")).text();
    return samplesOf(text).get('headcount_query_unions_total{app="ready",result="united"}');
  };
  await united();
  const before = await united();
  await app.active("window=24h,7d,30d");
  expect(await united()).toBe(before);
});

test("the hourly alarm goes on without anybody asking", async () => {
  const app = new AppClient("hourly");
  await app.beat({ user: "a" });
  await app.count("window=24h");
  const rollup = await app.rollup();
  expect(await runDurableObjectAlarm(rollup)).toBe(true);
  expect(await runDurableObjectAlarm(rollup)).toBe(true);
});

test("power users and the quick ratio are gauges once the alarm has recomputed them", async () => {
  const app = new AppClient("habits");
  const dayMs = 86_400_000;
  const now = Date.now();
  // Two come each day, one only yesterday, two only the day before.
  const daily = Array.from({ length: 31 }, (_, daysAgo) =>
    ["a", "b"].map((user) => ({ user, at: now - daysAgo * dayMs })),
  );
  const once = [
    { user: "c", at: now - dayMs },
    { user: "d", at: now - 2 * dayMs },
    { user: "e", at: now - 2 * dayMs },
  ];
  await app.import([...daily.flat(), ...once]);
  await app.count("window=24h");
  const gauge = async (name: string) => {
    const text = await (await app.fetch("/metrics", {}, "read")).text();
    return samplesOf(text).get(`headcount_${name}{app="habits"}`);
  };
  expect(await gauge("power_users")).toBeUndefined();
  await runDurableObjectAlarm(await app.rollup());
  expect([await gauge("power_users"), await gauge("quick_ratio")]).toEqual([2, 0.5]);
});

test("status shows the state of each part", async () => {
  const app = new AppClient("status");
  await app.set({ shards: 2 });
  await app.beat({ user: "a" });
  const { parts } = (await (await app.fetch("/v1/status?fresh=1")).json()) as {
    parts: Record<string, unknown>[];
  };
  expect(parts.map(({ part, state }) => [part, state])).toEqual([
    ["rollup", "ok"],
    ["shard", "ok"],
    ["shard", "ok"],
  ]);
  expect(parts[0]).toMatchObject({ sketches: 3, firstDay: `${today()}T00:00:00Z` });
});

test("a day's sketch leaves in the form that a warehouse reads", async () => {
  const app = new AppClient("warehouse");
  await app.import(people(4000).map((user) => ({ user })));
  const count = await app.count(`period=day&date=${today()}`);
  const get = (format: string) => app.fetch(`/v1/sketch?day=${today()}&format=${format}`);
  const redis = fromRedis(new Uint8Array(await (await get("redis")).arrayBuffer()), 0);
  const dataSketches = fromDataSketches(new Uint8Array(await (await get("datasketches")).arrayBuffer()), 0);
  const text = await (await get("postgres")).text();
  const bytes = Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const bytesOf = async (format: string) => new Uint8Array(await (await get(format)).arrayBuffer());
  // Airlift's dense form: a baseline, then four bits a register above it, 15 for what has a list of its own.
  const [trino, registers] = [await bytesOf("trino"), redis.registers()];
  expect([...trino.subarray(0, 2)]).toEqual([3, 14]);
  for (const [index, register] of registers.entries()) {
    const pair = trino[3 + (index >>> 1)] as number;
    const delta = index % 2 === 0 ? pair >>> 4 : pair & 15;
    if (delta < 15) expect([index, (trino[2] as number) + delta]).toEqual([index, register]);
  }
  const bigQuery = await bytesOf("bigquery");
  expect([...bigQuery.subarray(0, 2)]).toEqual([8, 112]);
  expect(bigQuery.subarray(-16_384)).toEqual(registers);
  const json = (await (await get("json")).json()) as { sketches: { count: number; registers: number[] }[] };
  expect(text.slice(0, 8)).toBe("\\x148e7f");
  expect(Math.round(redis.count())).toBe(count);
  expect(dataSketches.registers()).toEqual(redis.registers());
  expect(fromPostgres(bytes, 0).registers()).toEqual(redis.registers());
  expect(json.sketches[0]?.registers).toEqual([...redis.registers()]);
  expect(json.sketches[0]?.count).toBe(count);
});

test("few people leave for DataSketches and Trino as a list, which is exact", async () => {
  const app = new AppClient("few");
  await app.import(people(900).map((user) => ({ user })));
  await app.count("window=24h");
  const get = async (format: string) => {
    const response = await app.fetch(`/v1/sketch?day=${today()}&format=${format}`);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    return new Uint8Array(await response.arrayBuffer());
  };
  const [dataSketches, trino] = [await get("datasketches"), await get("trino")];
  // A SET of coupons: preamble, then how many there are.
  expect([...dataSketches.subarray(0, 4)]).toEqual([3, 1, 7, 14]);
  expect(new DataView(dataSketches.buffer).getUint32(8, true)).toBe(900);
  expect([...trino.subarray(0, 2)]).toEqual([2, 14]);
  expect(new DataView(trino.buffer).getUint16(2, true)).toBe(900);
});

test("a sketch is given to the secret key alone, of days that are known, in formats there are", async () => {
  const app = new AppClient("no-sketch");
  await app.beat({ user: "a" });
  const status = async (query: string, role: "read" | "secret" = "secret") =>
    (await app.fetch(`/v1/sketch?fresh=1&${query}`, {}, role)).status;
  expect(await status(`day=${today()}`)).toBe(200);
  expect(await status(`day=${today()}`, "read")).toBe(403);
  expect(await status("day=2020-01-01")).toBe(404);
  expect(await status("day=2999-01-01")).toBe(400);
  expect(await status("")).toBe(400);
  expect(await status(`day=${today()}&format=xml`)).toBe(400);
});
