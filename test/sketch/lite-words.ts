/**
 * Hash words that make hyperloglog-lite do to its registers what the 64-bit hash does to ours at p = 14.
 * It takes the register from the top of word 0, as we do, but the rank from the trailing zeros of word 3 and then word 2,
 * where we take leading zeros of the 50 bits that follow. So those are mirrored, with a one after the last.
 */
export function liteWordsOf(hi: number, lo: number): number[] {
  return [hi >>> 0, 0, (mirror(lo << 14) | (1 << 18)) >>> 0, mirror((hi << 14) | (lo >>> 18)) >>> 0];
}

/** The 64-bit hash that does to our registers what the words do to those of hyperloglog-lite. */
export function hashOfLiteWords(words: readonly number[]): [hi: number, lo: number] {
  const first = mirror(words[3]!);
  const second = mirror(words[2]!);
  return [((words[0]! & 0xfffc0000) | (first >>> 14)) >>> 0, ((first << 18) | (second >>> 14)) >>> 0];
}

/** The bits of a 32-bit word in reverse. */
function mirror(word: number): number {
  let rest = word;
  let mirrored = 0;
  for (let bit = 0; bit < 32; bit++) {
    mirrored = (mirrored << 1) | (rest & 1);
    rest >>>= 1;
  }
  return mirrored;
}
