/**
 * A number from 0 to below 1 that depends on what it is drawn for and on nothing else, so that a part of the
 * invented population can be made again without all that comes before it.
 */
export function draw(...what: number[]): number {
  let mixed = 0x9e3779b9;
  for (const one of what) {
    mixed = Math.imul(mixed ^ one, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return (mixed >>> 0) / 4_294_967_296;
}

/** One of several words, by their weights. */
export function pick<Word>(words: readonly (readonly [Word, number])[], at: number): Word {
  const total = words.reduce((sum, [, weight]) => sum + weight, 0);
  let left = at * total;
  for (const [word, weight] of words) {
    left -= weight;
    if (left < 0) return word;
  }
  return (words.at(-1) as readonly [Word, number])[0];
}
