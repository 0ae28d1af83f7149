import { maxInFlight } from "./limits.ts";
import { Refusal } from "./problem.ts";

/** What is being done in this isolate at the moment. */
const underWay = { reports: 0, questions: 0 };

/**
 * Does a piece of work, unless too much is being done already: then it is better to say so at once than to take what can't be
 * finished. Reports and questions don't hold each other up.
 *
 * @throws Refusal (503 with Retry-After)
 */
export async function whileThereIsRoom<Result>(
  kind: keyof typeof underWay,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  if (underWay[kind] >= maxInFlight[kind]) {
    throw new Refusal("overloaded", "more at once than can be done: expected the same again a little later", {
      // Spread, so that those who come back don't come all at once.
      "retry-after": String(1 + Math.floor(Math.random() * 10)),
    });
  }
  underWay[kind]++;
  try {
    return await work();
  } finally {
    underWay[kind]--;
  }
}
