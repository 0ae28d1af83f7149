import { execFileSync, spawn } from "node:child_process";
import { chownSync } from "node:fs";
import { once } from "node:events";
import pg from "pg";
import { daysBefore } from "./days.js";

/** A row a day and person. PostgreSQL as it is configured on installation: a commit is synced before it is acknowledged. */
export async function open(dir) {
  // It refuses to run as root.
  const owner = process.getuid() === 0 ? idsOf("postgres") : {};
  if (owner.uid !== undefined) chownSync(dir, owner.uid, owner.gid);
  const data = `${dir}/data`;
  const how = { ...owner, cwd: dir };
  execFileSync("initdb", ["--auth=trust", "--username=peer", "--encoding=UTF8", "--no-locale", data], how);
  const options = ["-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=40"];
  const server = spawn("postgres", options, { ...how, stdio: ["ignore", "ignore", "pipe"] });
  for await (const piece of server.stderr) if (piece.includes("ready to accept connections")) break;
  server.stderr.resume();
  const pool = new pg.Pool({ host: dir, user: "peer", database: "postgres", max: 20 });
  await pool.query("CREATE TABLE activity (day date, person text, PRIMARY KEY (day, person))");
  return {
    add: async (users, day) =>
      pool.query("INSERT INTO activity SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING", [day, users]),
    async fill(people, days) {
      await pool.query(
        `INSERT INTO activity SELECT ($1::date[])[1 + id % $2], 'member-' || id
         FROM generate_series(0, $3 - 1) AS id ON CONFLICT DO NOTHING`,
        [daysBefore(days), days, people],
      );
      await pool.query("VACUUM ANALYZE activity");
    },
    counts: {
      exact: async () =>
        Number((await pool.query("SELECT count(DISTINCT person) FROM activity")).rows[0].count),
    },
    bytes: async () =>
      Number((await pool.query("SELECT pg_total_relation_size('activity') AS bytes")).rows[0].bytes),
    async close() {
      await pool.end();
      server.kill("SIGINT");
      await once(server, "exit");
    },
  };
}

function idsOf(user) {
  const id = (of) => Number(execFileSync("id", [of, user]));
  return { uid: id("-u"), gid: id("-g") };
}
