import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
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
  const found = await findSecret(dataDir);
  if (found !== null) return { secret: found, isNew: false };
  const path = join(dataDir, "secret");
  const secret = randomBytes(32).toString("base64url");
  const isNew = await makeSecret(path, secret);
  return { secret: isNew ? secret : await checked((await readFile(path, "utf8")).trim(), path), isNew };
}

/**
 * The secret of a folder that was served from, for commands that only use it.
 * @throws UsageError where there is none: one that was made for a folder that nobody meant would give keys that open nothing
 */
export async function existingSecret(dir: string): Promise<string> {
  const secret = await findSecret(resolve(dir));
  if (secret !== null) return secret;
  throw new UsageError(
    `there is no secret in ${resolve(dir)}: name the folder of the service with --data (the first start creates one), or set HEADCOUNT_SECRET`,
  );
}

/** The secret from the environment or the folder, or null where there is none yet. */
async function findSecret(dataDir: string): Promise<string | null> {
  const fromEnvironment = process.env["HEADCOUNT_SECRET"];
  if (fromEnvironment) return checked(fromEnvironment, "HEADCOUNT_SECRET");
  const path = join(dataDir, "secret");
  const text = await readFile(path, "utf8").catch((error) => {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return null;
    throw new UsageError(`the secret ${path} can't be read (${codeOf(error)})`);
  });
  if (text === null) return null;
  if (text.trim() === "") {
    if (await hasCounted(dataDir)) {
      throw new UsageError(
        `the secret ${path} is empty, and existing counts can't be read without it: restore it from a backup`,
      );
    }
    // Nothing was counted under it: a start that failed left it behind.
    await rm(path);
    return null;
  }
  await keepPrivate(path);
  return checked(text.trim(), path);
}

/** Makes the secret's file, whole or not at all. Returns false where somebody else did so in the same moment. */
async function makeSecret(path: string, secret: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(`${secret}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link is refused where there is one already: of two that start at once, one makes the secret and both use it.
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw new UsageError(
      codeOf(error) === "ENOSPC"
        ? `the secret ${path} can't be written, because the disk is full: make room, or choose another folder with --data`
        : `the secret ${path} can't be written (${codeOf(error)}): choose another folder with --data`,
    );
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whoever can read the secret has every key. */
async function keepPrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  try {
    await chmod(path, 0o600);
  } catch (error) {
    throw new UsageError(
      `the secret ${path} can be read by others (mode ${(mode & 0o777).toString(8)}), and that can't be changed (${codeOf(error)}): make it readable only for you (chmod 600), or set HEADCOUNT_SECRET instead`,
    );
  }
  process.stderr.write(
    `headcount: the secret ${path} could be read by others (mode ${(mode & 0o777).toString(8)}), and now only you can read it. If somebody may have read it, they can derive every key: set a new secret\n`,
  );
}

/** Whether an object of any app has been stored in the folder. */
async function hasCounted(dataDir: string): Promise<boolean> {
  const names = await readdir(join(dataDir, "objects"), { recursive: true }).catch(() => []);
  return names.some((name) => name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"));
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
 * however it ends. Where the file system gives none there is nothing to hold: see `holdDataDir`.
 */
export function lockDataDir(dataDir: string): { release(): void } | null {
  const database = new DatabaseSync(join(dataDir, "lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    return (error as { errcode?: number }).errcode === sqliteBusy ? null : { release() {} };
  }
}

/** Another process has the lock. */
const sqliteBusy = 5;

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
