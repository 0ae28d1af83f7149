import { useCallback, useReducer } from "preact/hooks";
import { type Failed, type Failures, noteFailure, sharedProblem } from "./outage.ts";

/** What fails on a page at present, and how panels tell it. */
export function useFailures() {
  const [failures, note] = useReducer<Failures, [object, Failed | null]>(noteFailure, new Map());
  const report = useCallback((asker: object, failed: Failed | null) => note([asker, failed]), []);
  return {
    report,
    outage: sharedProblem(failures),
    retry: () => failures.forEach(({ retry }) => retry()),
  };
}
