import type { AskProblem } from "./api.ts";

/** A question that isn't answered at present. */
export interface Failed {
  problem: AskProblem;
  retry: () => void;
}

/** What fails, by whoever asks. */
export type Failures = ReadonlyMap<object, Failed>;

/** Notes that somebody's question fails, or fails no longer. */
export function noteFailure(failures: Failures, [asker, failed]: [object, Failed | null]): Failures {
  const known = failures.get(asker);
  if (known?.problem === failed?.problem) return failures;
  const after = new Map(failures);
  if (failed === null) after.delete(asker);
  else after.set(asker, failed);
  return after;
}

/** The problem that several questions have, which is said once for the whole page; or null. */
export function sharedProblem(failures: Failures): AskProblem | null {
  const said = new Set<string>();
  for (const { problem } of failures.values()) {
    if (said.has(problem.message)) return problem;
    said.add(problem.message);
  }
  return null;
}
