/** The area under the curve: the chance that of a pair the one of the second kind is larger; 0.5 where size tells nothing. */
export function auc(first: readonly number[], second: readonly number[]): number {
  const wins = first.flatMap((a) => second.map((b): number => (a < b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}
