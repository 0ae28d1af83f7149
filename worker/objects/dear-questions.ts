import { inTurns, type Turns } from "../counting/turns.ts";
import { maxDearQuestions } from "../limits.ts";
import { busyObject } from "../rpc.ts";

/** The dear questions of one object, which are worked on one after the other. */
export class DearQuestions {
  /** Settles once what was asked for so far is done. */
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** Takes on a dear question, unless more of them wait already than will be answered while anybody waits. */
  async letIn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#count >= maxDearQuestions) {
      throw new Error(
        `${busyObject}${maxDearQuestions} splits and trends of this app are already being computed`,
      );
    }
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
    }
  }

  /** Does dear work in turns, one after the other, so that whoever asks for little waits for none of it. */
  inTurns<Value>(turns: Turns<Value>): Promise<Value> {
    const work = this.#last.then(() => inTurns(turns, rest));
    this.#last = work.catch(() => {});
    return work;
  }
}

/**
 * Rests for as long as there was work. On the embedded engine all of it is one loop, which takes up a connection between two turns:
 * without a rest, dear questions that follow each other would keep everybody else out. (Where each object has a thread of its
 * own, on Cloudflare, the clock stands still meanwhile, and there is no need.)
 */
function rest(workedMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, workedMs)));
}
