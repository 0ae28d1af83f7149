/**
 * The id of an installation, 128 random bits. Not `crypto.randomUUID`, which exists in secure contexts only:
 * many an intranet is plain http.
 */
export function newAnonymousId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/**
 * Stands for a user's id in the browser's storage, where it only has to be told from the user before: FNV-1a of 32 bits and
 * a second one with another prime. It does not hide an id that can be guessed.
 */
export function shortHash(id: string): string {
  let [one, other] = [0x811c9dc5, 0];
  for (const character of id) {
    one = Math.imul(one ^ character.codePointAt(0)!, 0x01000193);
    other = Math.imul(other ^ character.codePointAt(0)!, 0x9e3779b1);
  }
  return one.toString(36) + other.toString(36);
}
