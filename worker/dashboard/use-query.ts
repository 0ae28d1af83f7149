import { useContext, useEffect, useReducer, useRef } from "preact/hooks";
import { ask, AskProblem } from "./api.ts";
import { SessionContext } from "./session-context.ts";

/** An answer as it comes in. */
export interface Query<Answer> {
  /** The newest answer; while another question is asked, still that to the one before. */
  data: Answer | null;
  problem: AskProblem | null;
  /** The problem, unless the page says it by itself because others have it too. */
  complaint: AskProblem | null;
  /** Whether `data` is of another question than the one that is asked now. */
  isStale: boolean;
  retry: () => void;
}

interface State<Answer> {
  path: string | null;
  data: Answer | null;
  problem: AskProblem | null;
}

const firstRetryMs = 2000;
const lastRetryMs = 60_000;

/**
 * Asks a question, and again every `refreshMs` while the page is visible. What fails is asked again after a while by
 * itself, and at once by `retry`. Asks nothing while `path` is null.
 *
 * @param isSeen whether anybody looks at what is asked for: what nobody looks at is asked once, and not again until somebody does
 */
export function useQuery<Answer>(path: string | null, refreshMs: number, isSeen = true): Query<Answer> {
  const { key, refuse, report, outage, turns } = useContext(SessionContext);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const state = useRef<State<Answer>>({ path: null, data: null, problem: null });
  const again = useRef(() => {});
  const seen = useRef(isSeen);
  const replan = useRef(() => {});

  useEffect(() => {
    if (path === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let isAsking = false;
    let failures = 0;
    let dueAt = 0;

    async function question(asked: string): Promise<void> {
      if (isAsking || isOver) return;
      isAsking = true;
      clearTimeout(timer);
      let delayMs = refreshMs;
      try {
        const data = await (turns === undefined
          ? ask<Answer>(asked, key)
          : turns.take(() => (isOver ? Promise.reject(new Error("left")) : ask<Answer>(asked, key))));
        if (isOver) return;
        failures = 0;
        state.current = { path: asked, data, problem: null };
        report(state, null);
      } catch (error) {
        if (isOver) return;
        const problem =
          error instanceof AskProblem
            ? error
            : new AskProblem("The answer can't be read.", "Reload the page.");
        if (problem.isKey) return refuse(problem);
        delayMs = Math.max(problem.retryAfterMs, Math.min(firstRetryMs * 2 ** failures++, lastRetryMs));
        // What was known of this very question stays on the screen for as long as it may be fresh soon.
        const known = state.current.path === asked ? state.current.data : null;
        state.current = { path: asked, data: known, problem };
        report(state, { problem, retry: () => void question(path as string) });
      } finally {
        isAsking = false;
      }
      dueAt = Date.now() + delayMs;
      plan();
      render(undefined);
    }

    function plan(): void {
      clearTimeout(timer);
      if (document.visibilityState !== "visible" || !seen.current) return;
      timer = setTimeout(() => void question(path as string), Math.max(0, dueAt - Date.now()));
    }

    again.current = () => void question(path);
    replan.current = plan;
    document.addEventListener("visibilitychange", plan);
    void question(path);
    return () => {
      isOver = true;
      replan.current = () => {};
      report(state, null);
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", plan);
    };
  }, [path, key, refreshMs, refuse, report, turns]);

  useEffect(() => {
    seen.current = isSeen;
    replan.current();
  }, [isSeen]);

  const { data, path: answered } = state.current;
  const problem = answered === path ? state.current.problem : null;
  return {
    data,
    problem,
    complaint: problem?.message === outage?.message ? null : problem,
    isStale: answered !== path,
    retry: () => again.current(),
  };
}
