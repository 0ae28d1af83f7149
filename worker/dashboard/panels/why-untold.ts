/** Who is new, or of a cohort, in a period. */
interface NewPeople {
  figure: { value: number | null; reason?: string | undefined };
  /** Of which share of the period's people the first day is known; null where nobody was there. */
  followed?: number | null | undefined;
}

/**
 * Why it can't be told who is new, in the API's words, of the newest period in which there was anybody. Null where it can, also
 * where nobody is: a real 0 is drawn.
 */
export function whyUntold(periods: readonly NewPeople[]): string | null {
  if (periods.some(({ figure }) => figure.value)) return null;
  const newest = periods.findLast(({ figure, followed }) => figure.value === null || followed !== null);
  if (newest === undefined || newest.figure.value !== null) return null;
  return sentence(newest.figure.reason ?? "nothing is known of who is new");
}

/** A reason of the API as a sentence. */
function sentence(reason: string): string {
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`;
}
