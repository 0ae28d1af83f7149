import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openMetrics } from "../../worker/query/openmetrics.ts";
import { dashboardQueries, readDashboard } from "../support/grafana-dashboard.ts";
import { freePort, isThere } from "../support/proxies.ts";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

afterAll(cleanUp);

const hasPrometheus = isThere("prometheus");
if (!hasPrometheus) console.log("skipped: no Prometheus on this machine, so none has scraped /metrics");

test.skipIf(!hasPrometheus)("a real Prometheus scrapes /metrics and stores what it says", async () => {
  const server = await startServer();
  const beats = ["a", "b", "c"].map((user) => ({ user }));
  await fetch(`${server.url}/v1/heartbeat`, {
    method: "POST",
    body: JSON.stringify({ key: server.keys.public, beats }),
  });
  await withPrometheus(server, async (ask) => {
    await expect.poll(() => ask('headcount_active_users{app="demo",window="30d"}'), poll).toEqual(["3"]);
    expect(await ask('up{job="headcount"}')).toEqual(["1"]);
    expect(await ask('headcount_beats_total{outcome="accepted"}')).toEqual(["3"]);
    expect(await ask("headcount_stickiness_percent")).toEqual(["100"]);
  });
});

test.skipIf(!hasPrometheus)(
  "each query of the Grafana dashboard finds something in a real Prometheus",
  async () => {
    const server = await startServer();
    // Somebody comes and goes each day, and one stays: that is what ratios of days need.
    const beats = Array.from({ length: 40 }, (_, day) => {
      const at = Date.now() - day * 86_400_000;
      return [
        { user: `of-${day}`, at, since: at },
        { user: "stays", at, since: Date.now() - 40 * 86_400_000 },
      ];
    }).flat();
    const reported = await fetch(`${server.url}/v1/activity`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.secret}` },
      body: JSON.stringify({ beats }),
    });
    expect(await reported.json()).toMatchObject({ accepted: 80 });
    await withPrometheus(server, async (ask) => {
      const asked = dashboardQueries().map((query) =>
        query.replaceAll("$app", ".*").replaceAll("$__rate_interval", "1m"),
      );
      expect(asked.join()).not.toContain("$");
      for (const query of asked) {
        await expect
          .poll(async () => (await ask(query)).length, { ...poll, message: query })
          .toBeGreaterThan(0);
      }
    });
  },
);

const poll = { timeout: 60_000, interval: 500 };

type Ask = (query: string) => Promise<string[]>;

/** Runs a Prometheus that scrapes the server, and stops both. */
async function withPrometheus(server: TestServer, check: (ask: Ask) => Promise<void>): Promise<void> {
  const dir = await makeDataDir();
  const config = {
    global: { scrape_interval: "1s" },
    scrape_configs: [
      {
        job_name: "headcount",
        authorization: { credentials: server.keys.read },
        params: { fresh: ["1"] },
        static_configs: [{ targets: [new URL(server.url).host] }],
      },
    ],
  };
  // JSON is YAML.
  await writeFile(join(dir, "prometheus.yml"), JSON.stringify(config));
  const port = await freePort();
  const prometheus = spawn(
    "prometheus",
    [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "tsdb")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  try {
    const ask = async (query: string) => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const response = await fetch(url).catch(() => null);
      if (response === null || !response.ok) return [];
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      return data.result.map(({ value }) => value[1]);
    };
    await check(ask);
  } finally {
    prometheus.kill();
    await once(prometheus, "exit");
    await server.stop();
  }
}

const hasPromtool = isThere("promtool");
if (!hasPromtool) console.log("skipped: no promtool on this machine, so nobody has tried the alerts");

test.skipIf(!hasPromtool)("the alerts of operators fire when they should, and only then", () => {
  const output = execFileSync("promtool", ["test", "rules", "ops/prometheus-rules.test.yml"], {
    encoding: "utf8",
  });
  expect(output).toContain("SUCCESS");
});

test("the Grafana dashboard is what Grafana's model asks for, and no panel lies on another", () => {
  const { panels, templating } = readDashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const each of panels) {
    if (each.type === "row") continue;
    expect(new Set(each.targets.map(({ refId }) => refId)).size).toBe(each.targets.length);
  }
  const declared = new Set(templating.list.map(({ name }) => name));
  const used = dashboardQueries().flatMap((query) =>
    Array.from(query.matchAll(/\$(\w+)/g), ([, name]) => name as string),
  );
  expect([...new Set(used)].filter((name) => !name.startsWith("__") && !declared.has(name))).toEqual([]);
});

test("alerts are of metrics that there are", () => {
  const exported = new Set(
    openMetrics("demo", {
      active: [],
      stickinessPercent: 1,
      online: 1,
      openSockets: 1,
      counters,
      queries: { hits: 0, unions: 0 },
    })
      .split("\n")
      .flatMap((line) => /^(headcount_\w+)\{/.exec(line)?.[1] ?? []),
  );
  const rules = readFileSync("ops/prometheus-rules.yml", "utf8");
  const used = new Set(Array.from(rules.matchAll(/headcount_\w+/g), ([name]) => name));
  expect(used.size).toBeGreaterThan(0);
  expect([...used].filter((name) => !exported.has(name))).toEqual([]);
});

const counters = { beats_accepted: 1, tokens_reused: 1 };
