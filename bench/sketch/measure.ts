import type { Task } from "./workload.ts";

/** Microseconds for each way of doing a task once. */
export interface Times {
  name: string;
  ours: number;
  lite: number | undefined;
  limit: number;
  limitName: string;
}

/** Runs one way of doing a task so many times and resolves to the milliseconds that took. */
export type Stopwatch = (task: number, way: "ours" | "lite" | "limit", times: number) => Promise<number>;

/** A run is at least this long, so that clocks and calls do not show. */
const leastRunMs = 60;

const runs = 5;

/** The best of several runs of each way, in turn, so that a slow moment of the machine hits none alone. */
export async function measure(tasks: readonly Task[], stopwatch: Stopwatch): Promise<Times[]> {
  const measured: Times[] = [];
  for (const [index, { name, lite, limitName }] of tasks.entries()) {
    const ways = lite === undefined ? (["ours", "limit"] as const) : (["ours", "lite", "limit"] as const);
    const best = new Map<string, number>();
    const times = new Map<string, number>();
    for (const way of ways) times.set(way, await calibrate((count) => stopwatch(index, way, count)));
    for (let run = 0; run < runs; run++) {
      for (const way of ways) {
        const count = times.get(way)!;
        const microseconds = ((await stopwatch(index, way, count)) * 1000) / count;
        best.set(way, Math.min(microseconds, best.get(way) ?? Number.POSITIVE_INFINITY));
      }
    }
    measured.push({
      name,
      ours: best.get("ours")!,
      lite: best.get("lite"),
      limit: best.get("limit")!,
      limitName,
    });
  }
  return measured;
}

/** How many times make a run long enough. */
async function calibrate(run: (times: number) => Promise<number>): Promise<number> {
  for (let times = 1; ;) {
    const milliseconds = await run(times);
    if (milliseconds >= leastRunMs && (await run(times)) >= leastRunMs) return times;
    times = Math.ceil(times * Math.min(100, (1.3 * leastRunMs) / Math.max(milliseconds, 0.1)));
  }
}
