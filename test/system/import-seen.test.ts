import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isThere } from "../support/proxies.ts";
import { cleanUp, makeDataDir, npm, startServer, type TestServer } from "../support/server.ts";

const dayMs = 86_400_000;
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
}, 60_000);
afterAll(cleanUp);

const today = () => Math.floor(Date.now() / dayMs) * dayMs;

function importSeen(app: string, from: string, file: string, ...more: string[]) {
  const place = ["--url", server.url, "--data", server.dataDir];
  return npm(["run", "-s", "import-seen", "--", app, "--from", from, file, ...place, ...more]);
}

async function ask<T>(app: string, path: string): Promise<T> {
  const { stdout } = await npm(["run", "-s", "keys", "--", app, "--json", "--data", server.dataDir]);
  const { secret } = JSON.parse(stdout) as { secret: string };
  const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
  return (await response.json()) as T;
}

interface Row {
  count: number | null;
  low: number | null;
  high: number | null;
  reason?: string;
}

async function activeSince(app: string, since: number): Promise<Row | undefined> {
  return (await ask<{ windows: Row[] }>(app, `/v1/active?since=${since}&fresh=1`)).windows[0];
}

/** People who were last seen at noon, so many days ago. */
const lastSeen = new Map(
  Array.from({ length: 400 }, (_, person) => [`person-${person}`, 1 + ((person * person) % 45)] as const),
);

function exactSince(daysAgo: number): number {
  return [...lastSeen.values()].filter((ago) => ago <= daysAgo).length;
}

test("windows that end now count who was last seen in them, and those of the past are not known", async () => {
  const file = join(await makeDataDir(), "seen.csv");
  const lines = Array.from(lastSeen, ([user, ago]) => `${user},x,${today() - ago * dayMs + dayMs / 2}`);
  await writeFile(file, ["user,plan,at", ...lines].join("\n"));
  const { code, stderr } = await importSeen("past", "csv", file);
  expect([code, stderr]).toEqual([0, expect.stringContaining("400 people")]);

  for (const daysAgo of [1, 2, 7, 13, 30, 44, 45]) {
    const count = exactSince(daysAgo);
    const row = await activeSince("past", today() - daysAgo * dayMs);
    expect([daysAgo, row]).toEqual([daysAgo, expect.objectContaining({ count, low: count, high: count })]);
  }

  const reason = expect.stringContaining("only the last activity of each person is known");
  const day = (ago: number) => new Date(today() - ago * dayMs).toISOString().slice(0, 10);
  const past = await ask<{ windows: Row[] }>("past", `/v1/active?from=${day(9)}&to=${day(2)}`);
  expect(past.windows[0]).toMatchObject({ count: null, reason });
  for (const metric of ["dau", "wau", "mau", "stickiness"]) {
    const path = `/v1/timeseries?metric=${metric}&from=${day(3)}&to=${day(-1)}&fresh=1`;
    const { points } = await ask<{ points: (Row & { value?: number | null })[] }>("past", path);
    for (const point of points.slice(0, 3))
      expect([metric, point]).toEqual([metric, expect.objectContaining({ reason })]);
    if (metric === "wau") expect(points[3]).toMatchObject({ count: exactSince(6) });
  }
  const { people } = await ask<{ people: Row }>("past", "/v1/power?days=7");
  expect(people).toMatchObject({ count: null, reason });
  const { periods } = await ask<{ periods: { returning: Row }[] }>(
    "past",
    "/v1/lifecycle?interval=day&periods=5",
  );
  for (const { returning } of periods) expect(returning).toMatchObject({ count: null, reason });
  const { metrics } = await ask<{ metrics: (Row & { previous: Row })[] }>("past", "/v1/engagement");
  expect(metrics[1]).toMatchObject({ previous: { count: null } });
});

test("what is refused is told by its line; what is older than is kept is taken where that is asked for", async () => {
  const file = join(await makeDataDir(), "seen.csv");
  const old = today() - 600 * dayMs;
  const rows = ["user,at", `a,${today() - dayMs}`, "b,yesterday", `c,${old}`, `undefined,${today()}`, "d"];
  await writeFile(file, rows.join("\n"));
  const short = await importSeen("refusing", "csv", file);
  expect(short.code).toBe(1);
  expect(short.stderr).toContain("1 people, 4 refused");
  for (const line of [3, 4, 5, 6]) expect(short.stderr).toContain(`  line ${line}: `);
  const long = await importSeen("refusing", "csv", file, "--retention", "700");
  expect(long.stderr).toContain("2 people, 3 refused");
  expect((await activeSince("refusing", old - dayMs))?.count).toBe(2);
  expect(await ask("refusing", "/v1/settings")).toMatchObject({ retentionDays: 700 });
  const rest = await importSeen("refusing", "csv", file, "--line", "4");
  expect(rest.stderr).toContain("1 people, 2 refused");
});

test("what holds nobody is refused in words, and changes nothing", async () => {
  const dir = await makeDataDir();
  const settings = await ask("nobody", "/v1/settings");
  await writeFile(join(dir, "empty"), "");
  await writeFile(join(dir, "head"), "app_id,user_id,last_active_time\n");
  await writeFile(join(dir, "dump"), "--\n-- PostgreSQL database dump\n--\n");
  await writeFile(join(dir, "bytes"), Buffer.from([0, 255, 10, 254, 10]));
  for (const [from, name] of [
    ["csv", "empty"],
    ["supertokens", "empty"],
    ["supertokens", "head"],
    ["supertokens", "dump"],
    ["supertokens", "bytes"],
  ] as const) {
    const { code, stderr } = await importSeen("nobody", from, join(dir, name));
    expect([from, name, code]).toEqual([from, name, 1]);
    expect(stderr).toContain("nobody is in it. Expected ");
  }
  expect(await ask("nobody", "/v1/settings")).toEqual(settings);
});

/** Ids with everything that CSV and COPY have to quote. */
const oddIds = [
  "plain",
  "with,comma",
  'with "quotes"',
  "back\\slash",
  "tab\there",
  "line\nbreak",
  "\\N",
  "ünï-códe",
  "\\.",
];
const nobody = 65_534;
const postgres = postgresFolder();
if (postgres === null)
  console.log("skipped: no PostgreSQL on this machine, so none has written user_last_active");

test.skipIf(postgres === null)(
  "SuperTokens' table is read as a real PostgreSQL writes it: CSV, COPY text, pg_dump",
  async () => {
    const dir = await makeDataDir();
    // PostgreSQL runs for nobody who is root.
    const who = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    chmodSync(dir, 0o777);
    const path = (command: string) => join(postgres ?? "", command);
    const run = (command: string, args: string[]) =>
      execFileSync(path(command), args, {
        ...who,
        encoding: "utf8",
        cwd: dir,
        stdio: ["ignore", "pipe", "pipe"],
      });
    const data = join(dir, "db");
    run("initdb", ["-D", data, "-U", "st", "-A", "trust", "-E", "UTF8", "--locale", "C"]);
    const child = spawn(
      path("postgres"),
      ["-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off"],
      {
        ...who,
        stdio: "ignore",
        cwd: dir,
      },
    );
    try {
      const to = ["-h", dir, "-U", "st", "-d", "postgres"];
      await expect
        .poll(() => isUp(() => run("psql", [...to, "-c", "select 1"])), { timeout: 30_000 })
        .toBe(true);
      const values = oddIds.map((id, index) => {
        const hex = Buffer.from(id).toString("hex");
        const at = today() - (index + 1) * dayMs;
        return `('public', convert_from('\\x${hex}', 'UTF8'), ${at}), ('other', convert_from('\\x${hex}', 'UTF8'), ${at})`;
      });
      const sql = `create table user_last_active (app_id varchar(64) default 'public', user_id varchar(128), last_active_time bigint,
      primary key (app_id, user_id)); insert into user_last_active values ${values.join()}`;
      run("psql", [...to, "-c", sql]);
      const written = {
        csv: run("psql", [...to, "-c", "\\copy user_last_active to stdout with csv"]),
        header: run("psql", [
          ...to,
          "-c",
          "\\copy (select user_id, last_active_time from user_last_active where app_id = 'public') to stdout with csv header",
        ]),
        text: run("psql", [...to, "-c", "\\copy user_last_active to stdout"]),
        dump: run("pg_dump", [...to]),
      };
      for (const [kind, text] of Object.entries(written)) {
        const file = join(dir, kind);
        await writeFile(file, text);
        const { code, stderr } = await importSeen(kind, "supertokens", file);
        expect([kind, code, stderr]).toEqual([kind, 0, expect.stringContaining(`${oddIds.length} people`)]);
        // The same people again, by their ids: read otherwise, one would be counted twice.
        const again = join(dir, `${kind}.csv`);
        const quoted = oddIds.map((id) => `"${id.replaceAll('"', '""')}",${today() - dayMs}`);
        await writeFile(again, ["user,at", ...quoted].join("\n"));
        await importSeen(kind, "csv", again);
        expect([kind, (await activeSince(kind, today() - 30 * dayMs))?.count]).toEqual([kind, oddIds.length]);
      }
    } finally {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
    }
  },
);

const prosodyLibrary = "/usr/lib/prosody/util/datamanager.lua";
const hasProsody = isThere("lua5.4", "-v") && existsSync(prosodyLibrary);
if (!hasProsody) console.log("skipped: no Prosody on this machine, so its storage has written nothing");

test.skipIf(!hasProsody)("Prosody's stores are read as its own storage writes them", async () => {
  const dir = await makeDataDir();
  const ago = (days: number) => today() / 1000 - days * 86_400;
  const script = `
package.path = "/usr/lib/prosody/?.lua;" .. package.path
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
local dm = require "util.datamanager"
dm.set_data_path(${JSON.stringify(dir)})
local function put(store, user, data) assert(dm.store(user, "chat.example.com", store, data)) end
put("lastlog2", "anna", { login = { timestamp = ${ago(3)}, ip = "192.0.2.1" }, logout = { timestamp = ${ago(2)} }, registered = { timestamp = ${ago(1)} } })
put("lastlog2", "bert.o'hara", { login = { timestamp = ${ago(9)} } })
put("lastlog2", "zoë", { login = { timestamp = ${ago(5)} } })
put("lastlog2", "never", { registered = { timestamp = ${ago(1)} } })
put("account_activity", "anna", { timestamp = ${ago(2)} })
put("account_activity", "new", { timestamp = ${ago(4)} })
`;
  execFileSync("lua5.4", ["-e", script]);
  const host = join(dir, readdirSync(dir).find((name) => name.startsWith("chat")) ?? "");
  const last = await importSeen("chat", "prosody", join(host, "lastlog2"));
  expect([last.code, last.stderr]).toEqual([0, expect.stringContaining("3 people, 1 left out")]);
  const counts = async () =>
    Promise.all([2, 5, 9].map(async (days) => (await activeSince("chat", ago(days) * 1000))?.count));
  expect(await counts()).toEqual([1, 2, 3]);
  expect((await importSeen("chat", "prosody", join(host, "account_activity"))).code).toBe(0);
  // Anna is in both, as one person.
  expect(await counts()).toEqual([1, 3, 4]);
  const file = join(dir, "ids.csv");
  const ids = ["anna", "bert.o'hara", "zoë", "new"].map(
    (name) => `${name}@chat.example.com,${ago(1) * 1000}`,
  );
  await writeFile(file, ["user,at", ...ids].join("\n"));
  await importSeen("chat", "csv", file);
  expect(await counts()).toEqual([4, 4, 4]);
});

function postgresFolder(): string | null {
  const root = "/usr/lib/postgresql";
  const [version] = existsSync(root) ? readdirSync(root) : [];
  const folder = version === undefined ? null : join(root, version, "bin");
  return folder !== null && existsSync(join(folder, "initdb")) ? folder : null;
}

function isUp(connect: () => unknown): boolean {
  try {
    connect();
    return true;
  } catch {
    return false;
  }
}
