/**
 * Something that was found good, or in words what was wrong and what would be right. The words never quote what was
 * sent: it may be somebody's id.
 *
 * `Why` tells kinds of refusal apart, for callers that have to.
 */
export type Result<Value, Why extends string = never> =
  | { ok: true; value: Value }
  | { ok: false; error: string; why?: Why };

/** A good result. */
export function ok<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

/** A refusal in words. */
export function refused(error: string): { ok: false; error: string } {
  return { ok: false, error };
}
