/** The top bit of each of four bytes. */
const topBits = 0x80808080 | 0;

/**
 * What to flip in a word of four registers so that each takes the higher value of its own and another one's; 0 if none rises.
 *
 * All are below 128, so with the top bit of each of mine set, the subtraction borrows nothing from the neighbour, and the bit
 * survives just where mine is at least theirs. Spread over the seven bits below, it is the mask of those to keep.
 */
export function risen(mine: number, theirs: number): number {
  const kept = ((mine | topBits) - theirs) & topBits;
  return (mine ^ theirs) & ~(kept - (kept >>> 7));
}
