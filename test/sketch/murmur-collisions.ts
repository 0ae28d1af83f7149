/** The multiplier of MurmurHash2, and its inverse modulo 2^32. */
const multiplier = 0x5bd1e995;
const inverse = 0xe59b19bd;

const topBit = 0x80000000;

/**
 * 2^`doublings` different ids that MurmurHash2 (32 bits) hashes alike under every seed.
 *
 * It takes four bytes at a time: h = (h · m) ^ mix(block). A difference in the top bit of h survives the multiplication
 * by an odd m as just that. So where two blocks mix to numbers that differ in the top bit alone, the same two as the next
 * four bytes cancel it: "aabb…" in either spelling of the pair hash alike, and n such places in a row make 2^n ids.
 * (Aumasson, Bernstein and Boßlet showed this of MurmurHash2 and 3 in 2012; it is why SipHash exists.)
 */
export function collidingIds(doublings: number): string[] {
  const [first, second] = findPair();
  let ids = [""];
  for (let i = 0; i < doublings; i++) {
    ids = ids.flatMap((id) => [id + first + first, id + second + second]);
  }
  return ids;
}

/**
 * Two words of four bytes whose mixes differ in the top bit alone. Undoing the mix spreads the difference to the top bit of
 * the first byte, so one word is ASCII and the other begins with a character of two or three bytes.
 */
function findPair(): [string, string] {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let number = 10 * 36 ** 3; number < 36 ** 4; number++) {
    const word = number.toString(36);
    try {
      const twin = decoder.decode(bytesOf(unmix(mix(blockOf(word)) ^ topBit)));
      if (/^[^\p{C}\s]+$/u.test(twin)) return [word, twin];
    } catch {
      // Not UTF-8: no text has these bytes.
    }
  }
  throw new Error("no pair of words found");
}

function mix(block: number): number {
  const mixed = Math.imul(block, multiplier);
  return Math.imul(mixed ^ (mixed >>> 24), multiplier);
}

function unmix(mixed: number): number {
  const before = Math.imul(mixed, inverse);
  return Math.imul(before ^ (before >>> 24), inverse);
}

function blockOf(word: string): number {
  let block = 0;
  for (let i = 0; i < 4; i++) block |= word.charCodeAt(i) << (8 * i);
  return block;
}

function bytesOf(block: number): Uint8Array {
  return Uint8Array.of(block, block >>> 8, block >>> 16, block >>> 24);
}
