import { createLite } from "../../test/sketch/lite.ts";
import { measure, type Times } from "./measure.ts";
import { workload } from "./workload.ts";

/** The workload in this very process. */
export function inNode(): Promise<Times[]> {
  const tasks = workload(createLite);
  return measure(tasks, (task, way, times) => {
    const start = performance.now();
    tasks[task]![way]!(times);
    return Promise.resolve(performance.now() - start);
  });
}
