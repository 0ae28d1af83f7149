const name = "headcount-key";

/** The key of this tab's session, else the one that this browser was told to keep, or null. */
export function storedKey(): string | null {
  return attempt(() => sessionStorage.getItem(name)) ?? attempt(() => localStorage.getItem(name)) ?? null;
}

/**
 * Keeps a key until the tab is closed, or in this browser until its reader signs out; null forgets it in both. A secret key
 * is never kept for longer than the tab: it may change everything.
 */
export function storeKey(key: string | null, isAskedToStay = false): void {
  const isToStay = isAskedToStay && key !== null && !isSecretKey(key);
  if (key === null || isToStay) attempt(() => sessionStorage.removeItem(name));
  // A key for this tab alone leaves the browser's own where it is.
  if (key === null) attempt(() => localStorage.removeItem(name));
  else attempt(() => (isToStay ? localStorage : sessionStorage).setItem(name, key));
}

/**
 * Takes the key out of an address that ends in `#key=…`, before anything else can copy the address, and leaves no
 * entry of it in the history. What is behind a `#` is never sent to a server.
 */
export function takeKeyFromAddress(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return key.trim();
}

/** Whether this key may change settings. */
export function isSecretKey(key: string): boolean {
  return key.startsWith("hc_secret_");
}

/** What is wrong with a text as a key to sign in with, in words, or null. */
export function whyNoKey(text: string): string | null {
  if (text === "") return "Paste the app's read key: it begins with hc_read_.";
  if (text.startsWith("hc_pub_")) {
    return "This is a public key: it can report activity, not read figures. The read key begins with hc_read_.";
  }
  if (text.startsWith("hc_share_")) {
    return "This is a share token: it shows a badge and no more. The read key begins with hc_read_.";
  }
  if (!/^hc_(read|secret)_[a-z0-9-]{1,40}_[A-Za-z0-9_-]{22,}$/.test(text)) {
    return "This doesn't look like a read key. It begins with hc_read_ (a secret key with hc_secret_), then come the app's name and 22 or more characters: copy it whole.";
  }
  return null;
}

/** Storage that is blocked throws; the page then remembers as long as it lives. */
function attempt<Value>(access: () => Value): Value | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
