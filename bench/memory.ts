import { readFile } from "node:fs/promises";

/** The memory that a process has now, in bytes (Linux). NaN where it can't be told. */
export function residentBytes(pid: number): Promise<number> {
  return bytesIn(pid, "VmRSS");
}

/** The most memory that a process has had, in bytes (Linux). NaN where it can't be told. */
export function peakBytes(pid: number): Promise<number> {
  return bytesIn(pid, "VmHWM");
}

async function bytesIn(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
}
