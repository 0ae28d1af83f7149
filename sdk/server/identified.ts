import type { HeadcountServer, Identified, TouchOptions } from "./options.ts";

/** What every middleware takes. */
export interface MiddlewareOptions<Arguments extends unknown[]> {
  /**
   * Whom the app has authenticated, if anybody. Called once the answer is known, and so after every handler that
   * authenticates. What it throws or rejects with goes to `onError` and changes no answer.
   */
  identify: (...args: Arguments) => Identified | Promise<Identified>;

  /** Whether an answer with this status is a sign of life. Default: below 400. */
  counts?: ((status: number) => boolean) | undefined;
}

/** Touches whoever is behind a request that was answered like this. Returns at once and never throws. */
export function touchAnswered<Arguments extends unknown[]>(
  headcount: HeadcountServer,
  { identify, counts = (status) => status < 400 }: MiddlewareOptions<Arguments>,
  status: number,
  about: TouchOptions,
  ...args: Arguments
): void {
  headcount.touchIdentified(() => (counts(status) ? identify(...args) : undefined), about);
}
