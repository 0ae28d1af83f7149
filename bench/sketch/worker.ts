import type { CreateLite } from "../../test/sketch/lite.ts";
import { type Task, workload } from "./workload.ts";

/** A Worker that runs a task so many times for each request; its own clock stands still meanwhile, so the caller's is used. */
export function workerOf(createLite: CreateLite): { fetch: (request: Request) => Response } {
  let tasks: Task[] | undefined;
  return {
    fetch(request) {
      const { searchParams } = new URL(request.url);
      tasks ??= workload(createLite);
      const task = tasks[Number(searchParams.get("task"))]!;
      const way = searchParams.get("way");
      const run = way === "ours" ? task.ours : way === "lite" ? task.lite! : task.limit;
      return new Response(String(run(Number(searchParams.get("times")))));
    },
  };
}
