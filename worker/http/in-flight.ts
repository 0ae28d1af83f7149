import { maxInFlight } from "../limits.ts";
import { Refusal } from "./problem.ts";

/** What is being done in one isolate at the moment, and how much more it takes on. */
export class InFlight {
  readonly #underWay = { reports: 0, questions: 0 };
  #refusedShare = 0;

  /**
   * From now on this share, 0 to 1, of the reports that may come again is refused: more waits in front of this isolate
   * than it can see.
   */
  refuseReports(share: number): void {
    this.#refusedShare = share;
  }

  /**
   * Does a piece of work, unless too much is being done already: then it is better to say so at once than to take what
   * can't be finished. Reports and questions don't hold each other up.
   *
   * @param mayComeAgain whether whoever asks is known to come again
   * @throws Refusal (503 with Retry-After)
   */
  async run<Answer>(
    kind: "reports" | "questions",
    mayComeAgain: boolean,
    work: () => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const underWay = this.#underWay;
    if (underWay[kind] >= maxInFlight[kind] || (mayComeAgain && Math.random() < this.#refusedShare)) {
      throw new Refusal("overloaded", "too many requests at once: send the same request again later", {
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
}
