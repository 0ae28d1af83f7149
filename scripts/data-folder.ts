import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { forEveryRole, type KeyRevisions } from "../worker/counting/key-revisions.ts";
import type { Role } from "../worker/roles.ts";
import { KeyRing } from "../worker/app/keys.ts";
import { UsageError } from "./command-line.ts";

/** Where everything lives when nothing else is said, below the folder in which the command runs. */
export const defaultDataDir = ".headcount";

/** Makes the folder of the data, readable by nobody else. Returns its absolute path. */
export async function openDataDir(dir: string): Promise<string> {
  const path = resolve(dir);
  try {
    await mkdir(join(path, "objects"), { recursive: true, mode: 0o700 });
    await (await open(join(path, "lock"), "a")).close();
  } catch (error) {
    throw new UsageError(
      `the data folder ${path} can't be written (${codeOf(error)}): choose another with --data`,
    );
  }
  return path;
}

/**
 * The secret: from HEADCOUNT_SECRET in the environment, else from the folder, where the first call makes one.
 * @param isNew is set when it was made just now
 */
export async function readSecret(dataDir: string): Promise<{ secret: string; isNew: boolean }> {
  const fromEnvironment = process.env["HEADCOUNT_SECRET"];
  if (fromEnvironment) return { secret: await checked(fromEnvironment, "HEADCOUNT_SECRET"), isNew: false };
  const path = join(dataDir, "secret");
  const secret = randomBytes(32).toString("base64url");
  try {
    // "x" fails when the file is there: of two that start at once, one makes the secret and both use it.
    const file = await open(path, "wx", 0o600);
    await file.writeFile(`${secret}\n`);
    await file.sync();
    await file.close();
    return { secret, isNew: true };
  } catch (error) {
    if (codeOf(error) !== "EEXIST") {
      throw new UsageError(
        `the secret ${path} can't be written (${codeOf(error)}): choose another folder with --data`,
      );
    }
  }
  return { secret: await checked((await readFile(path, "utf8")).trim(), path), isNew: false };
}

/** The keys of an app. */
export interface AppKeys {
  public: string;
  read: string;
  secret: string;
  share: string;
}

/** @param revisions the app's `keyRevisions`: keys of earlier ones are retired */
export async function keysOf(
  secret: string,
  app: string,
  revisions: KeyRevisions = forEveryRole(0),
): Promise<AppKeys> {
  const ring = await KeyRing.from(secret);
  const key = (role: Role) => ring.keyFor(app, role, revisions[role]);
  return {
    public: await key("pub"),
    read: await key("read"),
    secret: await key("secret"),
    share: await key("share"),
  };
}

/**
 * Takes the folder for this process alone, or returns null where another has it. The lock ends with the process,
 * however it ends.
 */
export function lockDataDir(dataDir: string): { release(): void } | null {
  const database = new DatabaseSync(join(dataDir, "lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return { release: () => database.close() };
  } catch {
    database.close();
    return null;
  }
}

async function checked(secret: string, source: string): Promise<string> {
  try {
    await KeyRing.from(secret);
    return secret;
  } catch (error) {
    throw new UsageError(`${source}: ${(error as Error).message.replace(/^\w+: /, "")}`);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
