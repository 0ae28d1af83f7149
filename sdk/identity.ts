/**
 * The id of an installation, 128 random bits. Not `crypto.randomUUID`, which exists in secure contexts only:
 * many an intranet is plain http.
 */
export function newAnonymousId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/**
 * Stands for a user's id in the browser's storage, where it only has to be told from the user before: a polynomial over its
 * characters, modulo a prime of 61 bits (Rabin and Karp). It does not hide an id that can be guessed.
 */
export function shortHash(id: string): string {
  let hash = 0n;
  for (const character of id) {
    hash = (hash * 0x110000n + BigInt(character.codePointAt(0)!)) % (2n ** 61n - 1n);
  }
  return hash.toString(36);
}
