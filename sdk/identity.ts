/**
 * The id of an installation, 128 random bits. Not `crypto.randomUUID`, which exists in secure contexts only:
 * many an intranet is plain http.
 */
export function newAnonymousId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/**
 * Stands for a user's id in the browser's storage, where it only has to be told from the user before (FNV, 32
 * bits). It does not hide an id that can be guessed.
 */
export function shortHash(id: string): string {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) | 0;
  return hash.toString(36);
}
