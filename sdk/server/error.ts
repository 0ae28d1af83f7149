import type { Problem } from "../wire.ts";

/**
 * What went wrong, for programs:
 *
 * - `unreachable`: no answer, or none of the service's. What was to be counted waits for the next attempt.
 * - `unavailable`: the service asks for patience (408, 429, 5xx). What was to be counted waits.
 * - `refused`: the request is wrong (another 4xx) and would be again. What was to be counted is given up.
 * - `rejected`: of a batch that was taken, `count` beats were not; `rejections` says why, for the first 20.
 * - `dropped`: more waited than may; the `count` oldest beats are lost.
 * - `invalid`: `touch()` was given something that can't be counted.
 * - `identify-failed`: a middleware's `identify` threw; its error is the `cause`.
 * - `closed`: `touch()` came after `close()`.
 * - `disabled`: the client was made with `disabled`, so there is no service to ask.
 */
export type HeadcountErrorCode =
  | "unreachable"
  | "unavailable"
  | "refused"
  | "rejected"
  | "dropped"
  | "invalid"
  | "identify-failed"
  | "closed"
  | "disabled";

/** What `onError` is given, and what promises of `headcount/server` reject with. */
export class HeadcountError extends Error {
  override readonly name = "HeadcountError";
  readonly code: HeadcountErrorCode;

  /** The status of the answer, where there was one. */
  readonly status: number | undefined;

  /** The problem document of the answer (RFC 9457), where it was one. */
  readonly problem: Problem | undefined;

  /** For how long the service asks to be left alone; 0 where it doesn't. */
  readonly retryAfterMs: number;

  /** Beats that are lost: those rejected, dropped, or given up. 0 where nothing is. */
  readonly count: number;

  /** Why beats were rejected, in the service's words. */
  readonly rejections: readonly string[];

  constructor(
    code: HeadcountErrorCode,
    message: string,
    facts: Partial<Pick<HeadcountError, "status" | "problem" | "retryAfterMs" | "count" | "rejections">> & {
      cause?: unknown;
    } = {},
  ) {
    super(message, "cause" in facts ? { cause: facts.cause } : undefined);
    this.code = code;
    this.status = facts.status;
    this.problem = facts.problem;
    this.retryAfterMs = facts.retryAfterMs ?? 0;
    this.count = facts.count ?? 0;
    this.rejections = facts.rejections ?? [];
  }
}
