import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** The programs of a PostgreSQL that has the extension hll, where Debian puts them; undefined if there is none. */
const programs = findPrograms();

/** PostgreSQL refuses to run as root, so under root it runs as the user that Debian's package makes. */
const isRoot = process.getuid?.() === 0;
const user = isRoot ? idsOf("postgres") : undefined;

/** Whether there is a PostgreSQL with the extension hll to start on this machine. */
export const hasPostgres = programs !== undefined && (user !== undefined || !isRoot);

/** A PostgreSQL of its own, without a port, on a socket in a temporary directory that goes with it. */
export class RealPostgres {
  readonly #server: ChildProcess;
  readonly #directory: string;

  private constructor(server: ChildProcess, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  static async start(): Promise<RealPostgres> {
    const directory = mkdtempSync(join(tmpdir(), "headcount-postgres-"));
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
    const data = join(directory, "data");
    const options = { ...user, cwd: directory };
    execFileSync(join(programs!, "initdb"), ["-D", data, "-U", "tester", "-A", "trust", "--no-sync"], {
      ...options,
      stdio: "ignore",
    });
    const server = spawn(
      join(programs!, "postgres"),
      ["-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"],
      { ...options, stdio: "ignore" },
    );
    const postgres = new RealPostgres(server, directory);
    for (let tries = 0; !postgres.#answers(); tries++) {
      if (tries === 200) throw new Error("PostgreSQL did not answer within 20 s");
      await wait(100);
    }
    postgres.query("CREATE EXTENSION hll");
    return postgres;
  }

  /** What psql prints for some statements, a row a line, without headers. */
  query(statements: string): string {
    return execFileSync(
      join(programs!, "psql"),
      ["-h", this.#directory, "-U", "tester", "-d", "postgres", "-AtqX", "-v", "ON_ERROR_STOP=1"],
      { input: statements, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] },
    ).trim();
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, "exit");
    this.#server.kill("SIGINT");
    await ended;
    rmSync(this.#directory, { recursive: true });
  }

  #answers(): boolean {
    try {
      return this.query("SELECT 1") === "1";
    } catch {
      return false;
    }
  }
}

function findPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const found = versions.find((version) =>
    existsSync(`/usr/share/postgresql/${version}/extension/hll.control`),
  );
  return found === undefined ? undefined : join(root, found, "bin");
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, name], { stdio: "pipe" })),
    );
    return { uid: uid!, gid: gid! };
  } catch {
    return undefined;
  }
}
