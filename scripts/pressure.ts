import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Somebody new who has to wait this long, several times in a row, shows that more comes than the engine can take. */
const longMs = 1000;
const timesInARow = 3;
const everyMs = 1000;
/** Who waits longer than this waits long enough to know. */
const mostMs = 5000;
const step = 0.2;
/** Some are always let in, so that it shows when there is room again. */
const mostShare = 0.9;

/** The share of reports to refuse: rises while newcomers have to wait, and falls once they don't. */
export class Pressure {
  #longWaits = 0;
  #share = 0;

  /** @returns the share, 0 to 1, after somebody new had to wait so long */
  note(waitedMs: number): number {
    this.#longWaits = waitedMs > longMs ? this.#longWaits + 1 : 0;
    if (this.#longWaits >= timesInARow) this.#share += step;
    else if (waitedMs < longMs / 2) this.#share -= step;
    this.#share = Math.min(mostShare, Math.max(0, this.#share));
    return this.#share;
  }
}

/**
 * Looks after an engine that is given more than it can take. What is too much waits inside of it before any code of the
 * Worker runs, so the Worker can't see it; a newcomer at the door can.
 *
 * @param tell has the engine refuse a share of reports from now on
 */
export async function watchPressure(
  url: string,
  tell: (share: number) => Promise<void>,
  ended: AbortSignal,
): Promise<void> {
  const pressure = new Pressure();
  let told = 0;
  while (!ended.aborted) {
    const share = pressure.note(await waitAtTheDoor(`${url}/healthz`, ended));
    if (share !== told) await tell(share);
    told = share;
    await sleep(everyMs, undefined, { signal: ended, ref: false }).catch(() => {});
  }
}

/** Milliseconds until somebody with a connection of their own is answered. */
function waitAtTheDoor(url: string, ended: AbortSignal): Promise<number> {
  const cameAt = performance.now();
  return new Promise((resolve) => {
    const leave = () => resolve(performance.now() - cameAt);
    const asked = request(
      url,
      { agent: false, signal: AbortSignal.any([ended, AbortSignal.timeout(mostMs)]) },
      (answer) => {
        answer.resume().once("close", leave);
      },
    );
    asked.once("error", leave).end();
  });
}
