import { explainProblem } from "./explain.ts";
import type { Options } from "./options.ts";

/** Tells whoever wants to know what went wrong. Never throws. */
export function report(problem: unknown, options: Pick<Options, "endpoint" | "onError">): void {
  if (typeof __DEV__ !== "undefined" && __DEV__) void explainProblem(problem, options);
  try {
    options.onError?.(problem as Error);
  } catch {
    // The app's own doing.
  }
}
