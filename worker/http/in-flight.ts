import { maxInFlight } from "../limits.ts";
import { Refusal } from "./problem.ts";

/** What is being done in this isolate at the moment. */
const underWay = { reports: 0, questions: 0 };

let refusedShare = 0;

/**
 * From now on this share, 0 to 1, of what may come again is refused: more waits in front of this isolate than it can see.
 */
export function refuseReports(share: number): void {
  refusedShare = share;
}

/**
 * Does a piece of work, unless too much is being done already: then it is better to say so at once than to take what can't be
 * finished. Reports and questions don't hold each other up.
 *
 * @param mayComeAgain whether whoever asks is known to come again
 * @throws Refusal (503 with Retry-After)
 */
export async function whileThereIsRoom<Result>(
  kind: keyof typeof underWay,
  mayComeAgain: boolean,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  if (underWay[kind] >= maxInFlight[kind] || (mayComeAgain && Math.random() < refusedShare)) {
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
