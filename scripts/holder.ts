import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const everyMs = 500;
/** Whoever had the folder looks every `everyMs` and ends its engine at once. */
const leaveMs = 2000;

/** Whether an engine answers on the control socket of this data folder: it is alive, whatever became of the lock. */
export function isEngineThere(dataDir: string): Promise<boolean> {
  return new Promise((resolve) => {
    // The name of a socket has room for some hundred characters.
    const socket = connect(relative(process.cwd(), join(dataDir, "control")));
    const leave = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => leave(true)).once("error", () => leave(false));
  });
}

/**
 * Writes into the folder who has it, until `over` is aborted. Returns a signal that is aborted once that is somebody else. A lock
 * can be deleted, or be of no effect on a file system of the network; two engines on the same files would each acknowledge
 * what the other never reads.
 */
export async function holdDataDir(dataDir: string, over: AbortSignal): Promise<AbortSignal> {
  const taken = new AbortController();
  const path = join(dataDir, "holder");
  const me = `${hostname()} ${process.pid} ${randomUUID()}\n`;
  const before = read(path);
  // On a full disk it is not written: what was counted can be asked for all the same.
  if (!write(path, me)) return taken.signal;
  if (before !== null && mayLive(before)) await sleep(leaveMs);
  const watch = setInterval(() => {
    const holder = read(path);
    if (holder === me || (holder === null && write(path, me))) return;
    clearInterval(watch);
    taken.abort();
  }, everyMs);
  watch.unref();
  over.addEventListener("abort", () => {
    clearInterval(watch);
    if (read(path) === me) rmSync(path, { force: true });
  });
  return taken.signal;
}

/** One of another machine can't be asked. */
function mayLive(holder: string): boolean {
  const [host, pid] = holder.split(" ");
  if (host !== hostname()) return true;
  // One that was killed may be listed for a while, and its number may be another's by now: then its command tells.
  if (process.platform === "linux") {
    return /scripts\/|headcount\.mjs/.test(read(`/proc/${pid}/cmdline`) ?? "");
  }
  return isAlive(Number(pid));
}

/** Whether there is a process of this number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function write(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}
