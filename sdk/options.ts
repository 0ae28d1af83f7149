/** What `init()` takes. Only `endpoint` and `key` are needed. */
export interface Options {
  /**
   * Where the Worker answers: `https://headcount.example.com`, or a path of the page's own origin that is proxied to it,
   * such as `/hb`. `/v1/heartbeat` is added.
   */
  endpoint: string;

  /** The app's public key, `hc_pub_…`. It may only report activity, so anyone may see it. */
  key: string;

  /** `true` counts also people whose browser sends Global Privacy Control. Default `false`. */
  ignoreGpc?: boolean | undefined;

  /**
   * `true` counts also what is not a person: browsers under automation and test runs (`navigator.webdriver`, Cypress, jsdom and
   * the like), pages on `localhost` that report to an endpoint elsewhere, and what the service takes for a bot. Default `false`.
   */
  includeBots?: boolean | undefined;

  /**
   * After so many milliseconds without a touch, key, wheel or movement of the pointer nobody is taken to be there, though the
   * page is visible: for kiosks and pages that are left open. Without it a visible page counts. `heartbeat()` counts either way.
   */
  idleLimitMs?: number | undefined;

  /**
   * Asked before each beat; until it gives (or resolves to) `true` nothing is stored or sent. Once that may have
   * changed, `heartbeat()` or the next time that the page is shown asks again. Privacy signals count besides.
   */
  consent?: (() => boolean | Promise<boolean>) | undefined;

  /**
   * For how long the installation is known again: `"local"` (the default) until the browser forgets, `"session"` for
   * as long as the tab lives, `"memory"` until the page is left. Whoever comes back later is another anonymous person.
   */
  persistence?: "local" | "session" | "memory" | undefined;

  /**
   * A domain that the page's own ends with, such as `example.com`: a browser is then one installation on all of its sub-domains,
   * by a cookie with the anonymous id. Without it there is no cookie but that of `optOut()`.
   */
  cookieDomain?: string | undefined;

  /**
   * Told of whatever went wrong: the `Response` that was no success (its body is unread and is a problem+json),
   * or the `Error` for which there is none, or in which the server says why it rejected a beat. Headcount itself never throws and
   * never rejects, and logs only in the build for development.
   */
  onError?: ((problem: Error | Response) => void) | undefined;

  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;

  /** In place of `localStorage` and `sessionStorage`: what a platform has instead. Goes before `persistence`. */
  storage?: KeyValueStorage | undefined;

  /** In place of the page, where there is none. */
  lifecycle?: Lifecycle | undefined;
}

/** What `init()` returns. Nothing in it ever throws. */
export interface Headcount {
  /**
   * From now on beats are this user's, the first of them at once if the page is visible. Call it on every page
   * that opens with somebody signed in, because the id is not kept in the browser. In the same task as `init()`
   * it keeps an anonymous beat from going out first. What is nobody's id (blank, `undefined`, `null`, `NaN`, an object, or a text
   * that says so) is told to `onError` and changes nothing.
   *
   * @param user the app's own id of the user, 1 to 256 characters; a number counts as its digits
   */
  identify(user: string | number, about?: About): void;

  /**
   * The user is active now, whether or not the page is visible: listening, say. Sent unless this user is
   * counted in this 5-minute slot already; repeated until it gets through.
   */
  heartbeat(): void;

  /**
   * Signing out, in all tabs. Forgets the user, the anonymous id and whatever is unsent. A new anonymous id is made for the
   * next beat, which this does not bring about: whoever it is has just been counted. Other tabs notice before their next beat.
   */
  reset(): void;

  /**
   * Whoever is here does not want to be counted: from now on, on this page and each that is opened later, nothing is
   * sent and nothing is kept but this wish. What was unsent is forgotten. The wish is kept as a cookie too, so that it outlives
   * `localStorage.clear()`.
   */
  optOut(): void;

  /** Ends `optOut()`. */
  optIn(): void;

  /** Stops, and leaves no timer, listener, request or socket. The next `init()` starts anew. May be called twice. */
  shutdown(): void;
}

/** What is known of a user beside the id. */
export interface About {
  /**
   * When the user signed up or first appeared: a `Date`, Unix milliseconds, ISO 8601, or a day of the app's zone, `YYYY-MM-DD`.
   * Feeds new, returning and retention.
   */
  since?: string | number | Date | undefined;

  /**
   * At most 8, values of at most 64 characters. Only those that the app's settings declare are kept; those that can't be are left
   * out, and the user is counted without.
   */
  dimensions?: Record<string, string | undefined> | undefined;
}

/** The part of Web Storage that is used. From its first failure to write on, the page remembers for itself. */
export interface KeyValueStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Whether somebody is looking. */
export interface Lifecycle {
  isVisible(): boolean;

  /**
   * Has `wake` called whenever `isVisible()` may have become true, or the network may be back; too often is
   * harmless. Returns what ends it.
   */
  subscribe(wake: () => void): () => void;
}
