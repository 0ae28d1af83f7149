const name = "headcount-key";

/**
 * The keys that this reader has here, one of an app: those of this tab's session first, then those that this browser was told
 * to keep. The service's secret is alone, for it opens every app.
 */
export function storedKeys(): string[] {
  return [...keysIn("localStorage").toReversed(), ...keysIn("sessionStorage").toReversed()].reduce<string[]>(
    (keys, key) => withKey(keys, key),
    [],
  );
}

/**
 * Keeps a key beside those of other apps until the tab is closed, or in this browser until its reader signs out. A secret is
 * never kept for longer than the tab: it may change everything.
 *
 * @param isFirst whether it is the one that is read where nobody chose an app
 */
export function storeKey(key: string, isAskedToStay = false, isFirst = true): void {
  const isToStay = isAskedToStay && !isSecretKey(key) && !isServiceSecret(key);
  const session = keysIn("sessionStorage");
  if (isToStay) {
    write(
      "sessionStorage",
      session.filter((other) => appOf(other) !== appOf(key) && !isServiceSecret(other)),
    );
  }
  // A key for this tab alone leaves the browser's own where it is.
  if (isToStay) write("localStorage", withKey(keysIn("localStorage"), key, isFirst));
  else write("sessionStorage", withKey(session, key, isFirst));
}

/** Whether this browser was told to keep keys. */
export function keepsKeys(): boolean {
  return keysIn("localStorage").length > 0;
}

/** Forgets the key of an app, or all keys. */
export function forgetKey(app: string | null): void {
  for (const place of ["sessionStorage", "localStorage"] as const) {
    write(place, app === null ? [] : keysIn(place).filter((key) => appOf(key) !== app));
  }
}

/** Keys with one more, which takes the place of another one of its app. The service's secret takes the place of all. */
export function withKey(keys: readonly string[], key: string, isFirst = true): string[] {
  if (isServiceSecret(key)) return [key];
  const others = keys.filter((other) => !isServiceSecret(other) && appOf(other) !== appOf(key));
  return isFirst ? [key, ...others] : [...others, key];
}

/** The app that a key names; empty for the service's secret. */
export function appOf(key: string): string {
  return /^hc_[a-z]+_([a-z0-9-]+)_/.exec(key)?.[1] ?? "";
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

/** Whether this has the form of the service's own secret: 32 or more bytes in base64url. */
export function isServiceSecret(key: string): boolean {
  return /^(?!hc_)[A-Za-z0-9_-]{43,}$/.test(key);
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
  if (!isServiceSecret(text) && !/^hc_(read|secret)_[a-z0-9-]{1,40}_[A-Za-z0-9_-]{22,}$/.test(text)) {
    return "This doesn't look like a read key. It begins with hc_read_ (a secret key with hc_secret_), followed by the app's name and 22 or more characters. Copy all of it.";
  }
  return null;
}

type Place = "sessionStorage" | "localStorage";

function keysIn(place: Place): string[] {
  const text = attempt(() => window[place].getItem(name)) ?? "";
  return text.split(" ").filter((key) => key !== "");
}

function write(place: Place, keys: readonly string[]): void {
  attempt(() =>
    keys.length === 0 ? window[place].removeItem(name) : window[place].setItem(name, keys.join(" ")),
  );
}

/** Storage that is blocked throws; the page then remembers as long as it lives. */
function attempt<Value>(access: () => Value): Value | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
