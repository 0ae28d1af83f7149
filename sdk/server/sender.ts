import type { ActivityResponse } from "../wire.ts";
import { HeadcountError } from "./error.ts";
import { Outbox, toNdjson } from "./outbox.ts";
import { callService, type Service } from "./service.ts";

/** Beats in one request: large enough that a busy server sends few, small enough to be answered in no time. */
const maxBatch = 1000;

const firstBackOffMs = 1000;
const maxBackOffMs = 300_000;

/** Sends what waits in an outbox, in batches, until the service has it. Never throws. */
export class Sender {
  readonly outbox: Outbox;
  readonly #service: Service;
  readonly #report: (error: HeadcountError) => void;
  /** What is on its way. */
  readonly #runs = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  /** Unix milliseconds until which the service asked to be left alone. */
  #askedUntil = 0;
  /** Unix milliseconds before which nothing is sent: that, and the back-off. */
  #pausedUntil = 0;

  constructor(service: Service, maxWaiting: number, report: (error: HeadcountError) => void) {
    this.#service = service;
    this.outbox = new Outbox(maxWaiting);
    this.#report = report;
  }

  /** Sends by itself, so soon at the earliest. Does not keep the process alive. */
  sendWithin(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        // One at a time: what comes meanwhile goes with the next batch. And a pause may have begun since.
        if (this.#runs.size > 0) this.sendWithin(firstBackOffMs);
        else if (Date.now() < this.#pausedUntil) this.sendWithin(0);
        else void this.#run(true);
      },
      Math.max(ms, this.#pausedUntil - Date.now()),
    );
    // A number on some platforms, where no timer keeps anything alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Sends at once, unless the service is to be left alone. */
  async sendNow(): Promise<void> {
    if (Date.now() >= this.#pausedUntil) await this.#run(false);
  }

  /** Sends until nothing waits or the time is over; resolves with whether nothing waits. */
  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    this.stop();
    // There may be no later: only what the service itself asked for is waited for.
    this.#failures = 0;
    this.#pausedUntil = this.#askedUntil;
    while (this.outbox.size > 0 || this.#runs.size > 0) {
      const leftMs = deadline - Date.now();
      const pauseMs = this.#runs.size > 0 ? 0 : this.#pausedUntil - Date.now();
      if (leftMs <= Math.max(pauseMs, 0)) {
        if (this.outbox.size > 0) this.sendWithin(0);
        return false;
      }
      if (pauseMs > 0) await within(pauseMs);
      else await within(leftMs, this.#runs.size > 0 ? Promise.all(this.#runs) : this.#run(false));
    }
    return true;
  }

  /** Nothing is sent by itself until the next `sendWithin`. */
  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(goesOn: boolean): Promise<void> {
    const run = this.#sendAll().finally(() => {
      this.#runs.delete(run);
      if (goesOn && this.outbox.size > 0) this.sendWithin(0);
    });
    this.#runs.add(run);
    return run;
  }

  async #sendAll(): Promise<void> {
    while (this.outbox.size > 0 && (await this.#sendBatch())) {
      // Until nothing waits, or a batch must wait.
    }
    const dropped = this.outbox.takeDropped();
    if (dropped > 0) {
      const message = `${dropped} beats dropped, the oldest: more waited than maxWaiting allows`;
      this.#report(new HeadcountError("dropped", message, { count: dropped }));
    }
  }

  /** Sends the oldest that wait. Resolves with whether to go on. */
  async #sendBatch(): Promise<boolean> {
    const batch = this.outbox.take(maxBatch);
    try {
      const answer = await callService(this.#service, "sending activity", "/v1/activity", {
        method: "POST",
        body: toNdjson(batch, Date.now()),
        contentType: "application/x-ndjson",
      });
      if (!isActivityResponse(answer)) {
        throw new HeadcountError("unreachable", "sending activity: the answer is not the service's");
      }
      this.#failures = 0;
      if (answer.rejected > 0) this.#report(rejection(answer));
      return true;
    } catch (error) {
      return this.#failed(batch, error as HeadcountError);
    }
  }

  #failed(batch: ReturnType<Outbox["take"]>, error: HeadcountError): boolean {
    const { code, message, status, problem, retryAfterMs, cause } = error;
    if (problem?.type === "nothing-accepted" && isActivityResponse(problem)) {
      this.#failures = 0;
      this.#report(rejection(problem, status));
      return true;
    }
    if (code === "refused") {
      const facts = { status, problem, retryAfterMs, count: batch.length };
      this.#report(
        new HeadcountError(code, `${message} (${batch.length} beats given up)`, { ...facts, cause }),
      );
      return true;
    }
    this.outbox.putBack(batch);
    const now = Date.now();
    const backOffMs = Math.min(maxBackOffMs, firstBackOffMs * 2 ** ++this.#failures);
    this.#askedUntil = now + retryAfterMs;
    this.#pausedUntil = this.#askedUntil + Math.random() * backOffMs;
    this.#report(error);
    return false;
  }
}

function isActivityResponse(answer: unknown): answer is ActivityResponse {
  return typeof answer === "object" && answer !== null && "accepted" in answer && "rejected" in answer;
}

function rejection({ rejected, errors }: ActivityResponse, status = 200): HeadcountError {
  const rejections = [...new Set((errors ?? []).map(({ error }) => error))];
  const message = `${rejected} beats rejected: ${rejections.join("; ")}`;
  return new HeadcountError("rejected", message, { status, count: rejected, rejections });
}

/**
 * Until the time is over or the work is done; resolves with whether it is. The timer keeps the process alive: somebody
 * waits for this.
 */
export async function within(ms: number, work: Promise<unknown> = new Promise(() => {})): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
