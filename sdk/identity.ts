/**
 * The id of an installation, 128 random bits. Not `crypto.randomUUID`, which exists in secure contexts only:
 * many an intranet is plain http.
 */
export function newAnonymousId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/**
 * Stands for a user's id in the browser's storage, where it only has to be told from the user before: FNV-1a of 64 bits, over
 * characters in place of bytes. It does not hide an id that can be guessed.
 */
export function shortHash(id: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of id) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0)!)) * 0x100000001b3n);
  }
  return hash.toString(36);
}
