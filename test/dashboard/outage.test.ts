import { expect, test } from "vitest";
import { AskProblem } from "../../worker/dashboard/api.ts";
import { type Failures, noteFailure, sharedProblem } from "../../worker/dashboard/outage.ts";

const retry = () => {};
const away = () => ({ problem: new AskProblem("The service can't be reached.", ""), retry });
const busy = () => ({ problem: new AskProblem("No answer came within 30 seconds.", ""), retry });

test("what fails in several places is the page's to say, what fails in one is its own", () => {
  const [trend, cards, cohorts] = [{}, {}, {}];
  let failures: Failures = new Map();
  const note = (asker: object, failed: ReturnType<typeof away> | null) => {
    failures = noteFailure(failures, [asker, failed]);
    return sharedProblem(failures)?.message ?? null;
  };
  expect(note(trend, away())).toBe(null);
  expect(note(cards, busy())).toBe(null);
  expect(note(cohorts, away())).toBe("The service can't be reached.");
  expect(note(trend, null)).toBe(null);
  expect(note(cards, null)).toBe(null);
  expect(note(cohorts, null)).toBe(null);
  expect(failures.size).toBe(0);
});

test("the same news changes nothing, so that nothing is painted anew", () => {
  const failures: Failures = new Map();
  expect(noteFailure(failures, [{}, null])).toBe(failures);
  const [asker, failed] = [{}, away()];
  const after = noteFailure(failures, [asker, failed]);
  expect(noteFailure(after, [asker, failed])).toBe(after);
});
