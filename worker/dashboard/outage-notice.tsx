import type { AskProblem } from "./api.ts";

/** Says once what fails in several places. */
export function Outage({ problem, retry }: { problem: AskProblem; retry: () => void }) {
  return (
    <p class="outage" role="alert">
      {problem.message} {problem.remedy}{" "}
      <button type="button" class="link" onClick={retry}>
        Try again
      </button>
    </p>
  );
}
